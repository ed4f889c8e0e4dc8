import { writeFileSync } from 'node:fs';
import { configJsonSchema } from './file.ts';

// Writes rollcall.schema.json, by which editors complete and check rollcall.yaml: `npm run schema`.
const target = new URL('../../rollcall.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
