/** Whether a host, as a URL has it, is this machine, so that nobody else sees what goes there. */
export function isThisMachine(host: string): boolean {
  const name = host.replaceAll(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
