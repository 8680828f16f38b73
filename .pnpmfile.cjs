/**
 * openapi-typescript writes types by the compiler's JavaScript API, which TypeScript 7 no longer has. As a peer it would get the
 * workspace's TypeScript, and packageExtensions can't take a peer away.
 */
function readPackage(manifest) {
  if (manifest.name !== 'openapi-typescript') return manifest;
  const { typescript, ...peerDependencies } = manifest.peerDependencies;
  return { ...manifest, peerDependencies, dependencies: { ...manifest.dependencies, typescript } };
}

module.exports = { hooks: { readPackage } };
