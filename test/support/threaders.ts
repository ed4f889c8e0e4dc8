/** What a mail client threads by. */
export interface ThreadedMail {
  messageId: string;
  references: readonly string[];
  subject: string;
  date: Date;
}

const weekMs = 7 * 86_400_000;

/**
 * As Thunderbird and mutt thread as they come: by References alone, whether the mail that they name is there or not. By
 * subject mutt attaches only what begins with `Re:`, Thunderbird nothing.
 */
export function threadByReferences<Mail extends ThreadedMail>(mails: readonly Mail[]): Mail[][] {
  return gather(mails, (mail, thread) => {
    const isReply = /^re:/i.test(mail.subject);
    return sharesId(mail, thread) || (isReply && thread.some((one) => hasSameSubject(one, mail)));
  });
}

/**
 * As Gmail does since 2019 (workspaceupdates.googleblog.com/2019/03/threading-changes-in-gmail-conversation-view.html), from
 * one sender to one recipient: the same subject, and References that were seen in the conversation; where there are none,
 * the same subject within a week.
 */
export function threadAsGmail<Mail extends ThreadedMail>(mails: readonly Mail[]): Mail[][] {
  return gather(mails, (mail, thread) => {
    if (!thread.some((one) => hasSameSubject(one, mail))) return false;
    if (mail.references.length > 0) return sharesId(mail, thread);
    return thread.some((one) => mail.date.getTime() - one.date.getTime() <= weekMs);
  });
}

/** Each mail to the threads that it belongs to, which become one. */
function gather<Mail>(
  mails: readonly Mail[],
  belongs: (mail: Mail, thread: readonly Mail[]) => boolean,
): Mail[][] {
  return mails.reduce<Mail[][]>((threads, mail) => {
    const its = threads.filter((thread) => belongs(mail, thread));
    return [...threads.filter((thread) => !its.includes(thread)), [...its.flat(), mail]];
  }, []);
}

function sharesId(mail: ThreadedMail, thread: readonly ThreadedMail[]): boolean {
  const ids = idsOf(mail);
  return thread.some((one) => idsOf(one).some((id) => ids.includes(id)));
}

function idsOf({ messageId, references }: ThreadedMail): string[] {
  return [messageId, ...references];
}

function hasSameSubject(left: ThreadedMail, right: ThreadedMail): boolean {
  return normalize(left.subject) === normalize(right.subject);
}

function normalize(subject: string): string {
  return subject
    .replace(/^(?:\s*(?:re|fwd?|aw):)+/i, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
