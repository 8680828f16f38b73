import { defineConfig } from 'vite';
import { compressed } from '../../scripts/compressed.ts';
import { fontLicense } from './scripts/fontLicense.ts';

/** The page goes where the server finds it; the bundle and the image take it from there. */
export default defineConfig({
  // The page may lie below a proxy's prefix, so nothing in it begins with a slash.
  base: './',
  logLevel: 'warn',
  build: {
    outDir: '../server/src/generated/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.json' },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  plugins: [compressed(), fontLicense()],
});
