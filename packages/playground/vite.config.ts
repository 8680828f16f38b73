import { defineConfig } from 'vite';
import { compressed } from '../../scripts/compressed.ts';

/** The page goes where the server finds it; the bundle and the image take it from there. */
export default defineConfig({
  // The page may lie below a proxy's prefix, so nothing in it begins with a slash.
  base: './',
  logLevel: 'warn',
  build: {
    outDir: '../server/src/generated/playground',
    emptyOutDir: true,
    assetsDir: 'playground',
    license: { fileName: 'licenses.json' },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Monaco is one large chunk, which is needed at once.
    chunkSizeWarningLimit: 10_000,
  },
  worker: { format: 'es' },
  plugins: [compressed()],
});
