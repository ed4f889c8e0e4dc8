import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeNewFile } from '../deliver/new-file.ts';
import { describeError, RollcallError } from '../domain/errors.ts';
import { markup } from '../domain/markup.ts';

/** A report as it is laid into a file or a folder. */
export interface ShownReport {
  /** What it shows, as a part of a file's name. */
  title: string;
  subject: string;
  html: string;
  csv: { filename: string; content: string } | null;
}

/**
 * Writes the HTML and the CSV of each report into a folder, for this user alone, with a page that links to them, whose path
 * it returns. The folder is made where it is missing; throws `usage` for one with anything in it, and for what is none.
 */
export async function writePreviewFolder(folder: string, reports: readonly ShownReport[]): Promise<string> {
  await prepare(folder);
  const entries = reports.map((report, index) => {
    const name = `${String(index + 1).padStart(2, '0')}-${report.title}`;
    return { report, html: `${name}.html`, csv: `${name}.csv` };
  });
  for (const { report, html, csv } of entries) {
    await writeNewFile(path.join(folder, html), report.html);
    if (report.csv !== null) await writeNewFile(path.join(folder, csv), report.csv.content);
  }
  const items = entries.map(({ report, html, csv }) => {
    const file = report.csv === null ? [] : [markup` (<a href="${csv}">${report.csv.filename}</a>)`];
    return markup`<li><a href="${html}">${report.subject}</a>${file}</li>
`;
  });
  const index = path.join(folder, 'index.html');
  const page = markup`<!doctype html>
<meta charset="utf-8">
<title>rollcall reports preview</title>
<ol>
${items}</ol>
`;
  await writeNewFile(index, page.source);
  return index;
}

/**
 * Writes all of them into one page, for this user alone, each as its mail shows it. Throws `usage` where the file is there
 * already, or cannot be written.
 */
export async function writePreviewPage(file: string, reports: readonly ShownReport[]): Promise<void> {
  const mails = reports.map(
    ({ title, subject, html }) => markup`<h1>${title}</h1>
<p>${subject}</p>
<iframe title="${subject}" sandbox srcdoc="${html}"></iframe>
`,
  );
  const page = markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>rollcall reports preview</title>
<style>
body { margin: 16px; font: 15px/1.5 sans-serif; }
iframe { width: 100%; height: 80vh; border: 1px solid #888888; }
</style>
${mails}</html>
`;
  try {
    await writeFile(file, page.source, { flag: 'wx', mode: 0o600, flush: true });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = isThere ? 'is there already' : `cannot be written: ${describeError(cause)}`;
    throw new RollcallError('usage', `${file} ${why}. Nothing was written.`, { cause });
  }
}

async function prepare(folder: string): Promise<void> {
  let there: readonly string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    there = await readdir(folder);
  } catch (cause) {
    throw new RollcallError('usage', `${folder} cannot be written to: ${describeError(cause)}.`, { cause });
  }
  if (there.length === 0) return;
  throw new RollcallError(
    'usage',
    `${folder} is not empty: name a folder that is, or that is not there yet. Nothing was written.`,
  );
}
