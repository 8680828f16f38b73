import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { clusterImage } from '../src/cluster/clusterImage.ts';

/**
 * Writes the cluster from which embedded databases begin, so that a first start runs no initdb. It has no tables: those
 * come by the migrations, as everywhere.
 */
const pglite = await PGlite.create();
// Otherwise each first start would replay the log.
await pglite.exec('CHECKPOINT');
const tar = Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer());
await pglite.close();
// Its three databases are nearly the same: a window over all of them halves what is left.
const params = {
  [constants.BROTLI_PARAM_QUALITY]: 6,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: tar.length,
};
writeFileSync(clusterImage, brotliCompressSync(tar, { params }));
