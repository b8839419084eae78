// The section `log`: what the access log holds beyond its fixed fields.
import { isCredentialHeader } from '../../base/credential-header.ts';
import { DEFAULT_LOG } from '../../model/defaults.ts';
import type { LogSettings } from '../../model/gateway-model.ts';
import { s } from '../../schema/builder.ts';
import { isHeaderName } from './header-fields.ts';
import { LATER_LOG_KEYS } from './later-keys.ts';
import type { Reading } from './reading.ts';

export const LOG = s.object(
  {
    enabled: s.optional(s.boolean('Whether a line is written for each request; default true.')),
    request_headers: s.optional(s.oneOrMany(s.string('Name of a header.'), 'Request headers copied into the log.')),
  },
  'The access log.',
);

export function translateLog(value: unknown, reading: Reading): LogSettings | undefined {
  const written = reading.parse(LOG, reading.withoutLater(value ?? {}, ['log'], LATER_LOG_KEYS), ['log']);
  if (written === undefined) return undefined;
  const names = (written.request_headers ?? []).map((name) => name.toLowerCase());
  const path = ['log', 'request_headers'];
  for (const name of names) {
    if (isCredentialHeader(name)) {
      const message = `the header "${name}" carries a credential and is never logged`;
      reading.error(path, { code: 'config.credential-in-log', message, mend: 'take it out of the list' });
    } else if (!isHeaderName(name)) {
      reading.error(path, { code: 'config.wrong-value', message: 'not the name of a header' });
    }
  }
  return { enabled: written.enabled ?? DEFAULT_LOG.enabled, requestHeaders: names };
}
