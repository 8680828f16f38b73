/** How the names of the folders begin that the demo's real agents live in. */
export const folderPrefix = 'muster-workshop-';
