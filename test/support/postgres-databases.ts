import { randomUUID } from 'node:crypto';
import pg from 'pg';

export const templateDatabase = 'rollcall_template';

/** Makes a database on the server, a copy of the template, and returns its URL. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await executeOn(serverUrl, `create database ${name} template ${templateDatabase}`);
  return urlOf(serverUrl, name);
}

/** Makes an empty database on the server, as an administrator hands it over, and returns its URL. */
export async function createBareDatabase(serverUrl: string, options = ''): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await executeOn(serverUrl, `create database ${name} ${options}`);
  return urlOf(serverUrl, name);
}

/** Drops it, whoever may still be connected. */
export async function dropDatabase(serverUrl: string, url: string): Promise<void> {
  await executeOn(serverUrl, `drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
}

export function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

export async function executeOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
