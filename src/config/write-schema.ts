import { writeFileSync } from 'node:fs';
import { eventJsonSchema } from '../report/forms/json-schema.ts';
import { configJsonSchema } from './file.ts';

// Writes rollcall.schema.json, by which editors complete and check rollcall.yaml, and rollcall.webhook.schema.json, by
// which receivers check what webhooks send: `npm run schema`.
const schemas = {
  'rollcall.schema.json': configJsonSchema(),
  'rollcall.webhook.schema.json': eventJsonSchema(),
};
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(new URL(`../../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
