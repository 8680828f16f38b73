import { writeFileSync } from 'node:fs';
import { configurationPage } from '../src/config/configurationPage.ts';

/** Writes the page of settings. A test fails while it differs from the code. */
writeFileSync(new URL('../../../docs/configuration.md', import.meta.url), configurationPage());
