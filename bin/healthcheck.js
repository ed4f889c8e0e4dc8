// What Docker asks inside the container: status 0 while the worker answers /healthz, or the path that is given, with 200.
const place = process.env['ROLLCALL_HTTP'] ?? '';
const path = process.argv[2] ?? '/healthz';

if (place !== 'off') {
  const [, host = '127.0.0.1', port = '9465'] = /^(?:(.+):)?(\d+)$/.exec(place) ?? [];
  const isWell = await fetch(`http://${host}:${port}${path}`, { signal: AbortSignal.timeout(4_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  process.exitCode = isWell ? 0 : 1;
}
