import { expect, test } from 'vitest';
import { folderWith } from '../config/folder.ts';
import { rollcall } from '../support/command-line.ts';

test('--env-file before the command names the file that is read instead of .env', async () => {
  const folder = folderWith({
    '.env': 'LOG_LEVEL=nonsense\n',
    'conf/env': "\uFEFFROLLCALL_DATA_DIR=elsewhere\nROLLCALL_SCHEDULE='0 4 * * *' # at four\n",
  });
  const refused = await rollcall(['--env-file', 'conf/env', 'runs'], {}, folder);
  expect(refused.stderr).toContain('elsewhere/pglite');
  expect(refused.status).toBe(2);
  const faulty = await rollcall(['runs'], {}, folder);
  expect(faulty).toMatchObject({ status: 2, stdout: '' });
  expect(faulty.stderr).toContain('LOG_LEVEL');
});
