/** A document whose answer is about a megabyte. */
export const largePage = `{ supervisors(first: 100) { nodes { id hostname labels plugins(first: 10) { nodes {
  id pluginId version state endpoint endpoints message reason createdAt updatedAt generation managed supervisorId
} } } } }`;
