import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { collectFaults } from '../../src/config/faults.ts';
import { configJsonSchema } from '../../src/config/file.ts';
import { type Variable, variables } from '../../src/config/variables.ts';
import { configured, faultsOf, revealed } from './folder.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const example = read('rollcall.example.yaml');

describe('rollcall.schema.json', () => {
  it('is what the configuration accepts; `npm run schema` writes it anew', () => {
    expect(JSON.parse(read('rollcall.schema.json'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it('lets ${NAME} stand where a text with a pattern is expected', () => {
    const patterns = [...read('rollcall.schema.json').matchAll(/"pattern": (".*")/g)].map(
      ([, pattern = '']) => new RegExp(JSON.parse(pattern) as string, 'u'),
    );
    expect(patterns.map((pattern) => pattern.test('${TEAM}'))).toEqual(patterns.map(() => true));
    expect(patterns.map((pattern) => pattern.test('a@example.com'))).toEqual(patterns.map(() => true));
  });
});

describe('rollcall.example.yaml', () => {
  it('names the schema for editors', () => {
    expect(example.split('\n')[0]).toBe('# yaml-language-server: $schema=./rollcall.schema.json');
  });

  it('is a valid configuration, and one that uses every section', () => {
    const files = { 'rollcall.yaml': example.replace('/run/secrets/legacy-key', 'key'), key: 'cfk_key' };
    const given = { files, variables: { OPS_BOT_TOKEN: 'cfut_token' } };
    expect(faultsOf(given)).toEqual([]);
    expect(revealed(configured(given))).toMatchObject({
      principals: [
        { name: 'ops-bot', token: 'cfut_token' },
        { name: 'legacy', email: 'ops@example.com', key: 'cfk_key' },
      ],
    });
    const { properties } = configJsonSchema() as { properties: object };
    const sections = Object.keys(properties).filter((name) => name !== '$schema');
    expect(sections.filter((name) => !new RegExp(`^${name}:`, 'm').test(example))).toEqual([]);
  });
});

describe('.env.example', () => {
  const text = read('.env.example');
  const parse = (file: string) =>
    Object.fromEntries(
      [...parseEnvFile(file, '', collectFaults())].map(([name, { value }]) => [name, value]),
    );
  const suggested = parse(text.replaceAll(/^# (?=[A-Z_]+=)/gm, ''));

  it('lists every variable, and no other', () => {
    expect(Object.keys(suggested).sort()).toEqual(Object.keys(variables).sort());
  });

  it('sets nothing as it stands', () => {
    expect(parse(text)).toEqual({});
  });

  it('marks the secrets', () => {
    const marked = [...text.matchAll(/^# Secret: .*\n# ([A-Z_]+)=/gm)].map(([, name]) => name);
    const secrets = Object.entries<Variable>(variables).filter(([, variable]) => variable.secret);
    expect(marked.sort()).toEqual(secrets.map(([name]) => name).sort());
  });

  it('is valid with every line in force, given one kind of credentials', () => {
    const { CLOUDFLARE_EMAIL: _email, CLOUDFLARE_API_KEY: _key, ...withToken } = suggested;
    const given = { ...withToken, CLOUDFLARE_API_TOKEN: 'cfut_token' };
    expect(faultsOf({ variables: given, files: { 'rollcall.yaml': '' } })).toEqual([]);
  });
});
