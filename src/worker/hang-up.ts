import { tellChanged } from '../../jobs/settings.ts';
import { type SettingsWatch } from '../config/settings-watch.ts';
import { type Log } from '../log.ts';

/**
 * SIGHUP asks many programs to read their settings again: a worker says what has changed, and that it takes a restart.
 * From a terminal it says that this was closed, and the worker stops.
 */
export function listenForHangUp(log: Log, settings: SettingsWatch): { stop: AbortSignal; close: () => void } {
  const stop = new AbortController();
  const onHangUp = () => {
    if (process.stderr.isTTY) {
      stop.abort();
      return;
    }
    log.warn('SIGHUP received: settings are read when a worker starts, and secrets in files at each run');
    tellChanged(log, settings);
  };
  process.on('SIGHUP', onHangUp);
  return { stop: stop.signal, close: () => void process.off('SIGHUP', onHangUp) };
}
