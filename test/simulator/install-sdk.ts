import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSdkInstalled, sdkFolder, sdkVersion } from './vendor-sdk.ts';

/** Installs Cloudflare's SDK for `sdk.test.ts`, once. Without its install scripts: the test needs none. */
function installSdk(): void {
  if (isSdkInstalled()) return;
  const manifest = { private: true, dependencies: { cloudflare: sdkVersion } };
  mkdirSync(sdkFolder, { recursive: true });
  writeFileSync(join(sdkFolder, 'package.json'), JSON.stringify(manifest));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  execFileSync('npm', ['install', ...options], { cwd: sdkFolder, stdio: 'inherit' });
}

installSdk();
