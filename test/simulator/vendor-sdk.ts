import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of Cloudflare's own SDK that the simulator is held against. */
export const sdkVersion = '7.3.0';

/** Where it is installed. It takes 120 MB and serves one test, so it is no dependency. */
export const sdkFolder = join(import.meta.dirname, '../../.cache/vendor-sdk');

export const sdkPackageFolder = join(sdkFolder, 'node_modules/cloudflare');

/** Whether that version is there. */
export function isSdkInstalled(): boolean {
  const manifest = join(sdkPackageFolder, 'package.json');
  if (!existsSync(manifest)) return false;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
  return version === sdkVersion;
}
