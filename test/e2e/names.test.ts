import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { deploy } from '../support/deployment.ts';

describe('names', () => {
  it('that strangers chose come through whole, whatever is in them', async () => {
    const names = [
      'a "quoted" name',
      'two\nlines',
      '=HYPERLINK("http://x")',
      '🚀 ☎️',
      'שלום \u202Etxt',
      "d'Arc; DROP TABLE",
      'tab\there',
    ];
    const { simulator, rollcall, readMails, readHistory } = await deploy();
    await rollcall(['run']);
    for (const name of names) simulator.world.principal().put({ name });
    simulator.world.principal().put({ name: 'cut\0here' });
    expect((await rollcall(['run'])).status).toBe(0);
    const { changes } = await readHistory();
    expect(changes.map((change) => change.organizationName).sort()).toEqual(
      [...names, 'cut\u2400here'].sort(),
    );
    const [, mail] = await readMails();
    const rows = parse<Record<string, string>>(mail?.attachments[0]?.content ?? '', { columns: true });
    expect(rows.map((row) => row['organization_name'])).toContain('two\nlines');
    expect(rows.map((row) => row['organization_name'])).toContain(`'=HYPERLINK("http://x")`);
  });
});
