import { type AuditedHistory, type AuditedPrincipal } from '../domain/audit.ts';
import { type Markup, markup } from '../domain/markup.ts';
import { shellWord } from '../domain/shell-word.ts';
import { visible } from '../domain/visible.ts';
import { currentIntervals } from './memberships.ts';
import { number, second } from './words.ts';

/** The principals with the heads of their chains, and how to check that this is the history. */
export function writeCheck(history: AuditedHistory, { command }: { command: string }): Markup {
  const current = Map.groupBy(currentIntervals(history), ({ principal }) => principal);
  const rows = history.principals.map((one) =>
    writePrincipal(one, current.get(one.principal)?.length ?? 0, command),
  );
  const headings = [
    'Principal',
    'Observed since',
    'Newest complete run',
    'Memberships',
    'Chain head, and how to check it',
  ];
  return markup`<section id="check" aria-labelledby="check-title">
<h2 id="check-title">Chain heads, and how to check them</h2>
<p class="intro">Every complete run extends a chain of SHA-256 hashes over what it saw, what had changed, and the run before. A chain head therefore stands for the whole history up to its run. It is in the foot of every mail that rollcall sent about that run: whoever has one of those mails can compare. <code>${command} verify --against HASH</code> recomputes the chain from the rows of the database, and names the first run that does not match.</p>
<p class="intro">This page is a copy of that history, and not part of the chain. When it was made, rollcall printed its SHA-256; <code>sha256sum</code> of the file must give the same.</p>
<table role="table">
<thead role="rowgroup"><tr role="row">${headings.map((heading) => markup`<th role="columnheader" scope="col">${heading}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>
</section>
`;
}

function writePrincipal(one: AuditedPrincipal, memberships: number, command: string): Markup {
  const { principal, cloudflareUserId, retiredAt, observedSince, newest } = one;
  const user = cloudflareUserId === null ? [] : [quiet(`Cloudflare user ${visible(cloudflareUserId)}`)];
  const retired = retiredAt === null ? [] : [quiet(`retired ${second(retiredAt)}`)];
  const head =
    newest === null
      ? markup`none: no run is complete`
      : markup`<code class="hash">${newest.chain}</code><br><code>${command} verify --principal ${visible(shellWord(principal))} --against ${newest.chain}</code>`;
  const cells = [
    { heading: 'Principal', content: markup`<bdi>${visible(principal)}</bdi>${user}${retired}` },
    {
      heading: 'Observed since',
      content: markup`${observedSince === null ? 'never' : second(observedSince)}`,
    },
    {
      heading: 'Newest complete run',
      content: newest === null ? markup`none` : markup`${newest.runId}${[quiet(second(newest.finishedAt))]}`,
    },
    { heading: 'Memberships', content: markup`${number(memberships)}` },
    { heading: 'Chain head, and how to check it', content: head },
  ];
  return markup`<tr role="row">${cells.map(
    ({ heading, content }) => markup`<td role="cell" data-heading="${heading}">${content}</td>`,
  )}</tr>
`;
}

function quiet(text: string): Markup {
  return markup`<br><span class="quiet">${text}</span>`;
}
