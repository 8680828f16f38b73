/** Whether a plugin (`p`) is being relocated: a wanted plugin elsewhere is to replace it once that is ACTIVE. */
export const isReplaced =
  'EXISTS (SELECT FROM plugins n WHERE n.replaces_id IS NOT NULL AND n.replaces_id = p.id AND n.wanted)';

/** Whether a plugin (`p`) is such a replacement: the plugin that it is to replace is still wanted. */
export const isReplacement = 'EXISTS (SELECT FROM plugins o WHERE o.id = p.replaces_id AND o.wanted)';
