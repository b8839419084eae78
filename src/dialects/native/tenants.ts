// The section `tenants`: who calls, known by key or header, and which providers and models they may use. Keys are hashed here: the
// model holds none.
import { createHash } from 'node:crypto';
import type { Tenant } from '../../model/router.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { isHeaderName } from './header-fields.ts';
import { LATER_PROVIDERS } from './later-keys.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export const TENANT = s.object(
  {
    api_keys: s.optional(
      s.oneOrMany(
        s.secret('A key, or sha256: and its hash in hex.'),
        'Keys the tenant calls with, as its SDK sends them.',
      ),
    ),
    header: s.optional(
      s.object(
        { name: s.string('Name.', { minLength: 1 }), value: s.string('Value.', { minLength: 1 }) },
        'A header that names the tenant: only where clients cannot write it themselves.',
      ),
    ),
    claim: s.optional(s.record(s.scalarText('Value.'), 'Claims of a verified token that name the tenant.')),
    allowed_providers: s.optional(
      s.oneOrMany(s.string('Name.', { minLength: 1 }), 'Backends or providers; default all.'),
    ),
    allowed_models: s.optional(
      s.oneOrMany(
        s.string('Glob.', { minLength: 1 }),
        'Models, aliases or backend/model, with * for any text; default all.',
      ),
    ),
  },
  'Who calls, and what they may use. One without keys, header and claim is everybody else.',
);

type Written = Infer<typeof TENANT>;
const HASHED = /^sha256:([0-9a-f]{64})$/i;

interface TenantPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

function hashOf(key: string, { reading, path }: Omit<TenantPlace, 'scope'>): string {
  const hashed = HASHED.exec(key)?.[1];
  if (hashed !== undefined) return hashed.toLowerCase();
  if (key.startsWith('sha256:')) {
    const message = 'not a SHA-256 hash: 64 hexadecimal digits are expected behind "sha256:"';
    reading.error(path, { code: 'config.wrong-value', message });
  }
  return createHash('sha256').update(key).digest('hex');
}

function checkProviders(names: readonly string[], { reading, scope, path }: TenantPlace): void {
  const known = [...scope.backendNames, ...scope.options.catalog.providers.keys()];
  names.forEach((name, index) => {
    const at = names.length > 1 ? [...path, index] : path;
    if (known.includes(name) || scope.implied.has(name)) return;
    if (LATER_PROVIDERS.has(name)) {
      reading.note(at, {
        code: 'config.not-available',
        message: `this version does not have the provider "${name}" yet`,
      });
      return;
    }
    const message = `no backend or provider is called "${name}"`;
    reading.error(at, { code: 'config.undefined-target', message, ...nearestMend(name, known) });
  });
}

function checkHeader(header: NonNullable<Written['header']>, { reading, path }: TenantPlace): void {
  if (!isHeaderName(header.name))
    reading.error([...path, 'name'], { code: 'config.wrong-value', message: `"${header.name}" is not a header name` });
}

function toTenant(name: string, written: Written, place: TenantPlace): Tenant {
  const { reading, path } = place;
  const { api_keys: keys = [], header, claim, allowed_providers: providers, allowed_models: models } = written;
  if (claim !== undefined) {
    const message = 'tokens are not verified in this version: nobody becomes this tenant by a claim';
    reading.warning([...path, 'claim'], { code: 'config.not-available', message, mend: 'give "api_keys" or "header"' });
  }
  if (header !== undefined) checkHeader(header, { ...place, path: [...path, 'header'] });
  if (providers !== undefined) checkProviders(providers, { ...place, path: [...path, 'allowed_providers'] });
  return {
    name,
    origin: reading.origin(path),
    keyHashes: keys.map((key, index) =>
      hashOf(key, { reading, path: keys.length > 1 ? [...path, 'api_keys', index] : [...path, 'api_keys'] }),
    ),
    ...(header !== undefined && { header: { name: header.name.toLowerCase(), value: header.value } }),
    isDefault: keys.length === 0 && header === undefined && claim === undefined,
    ...(providers !== undefined && { allowedProviders: providers }),
    ...(models !== undefined && { allowedModels: models }),
  };
}

/** What tells two tenants apart must not be the same of both. */
function reportShared(
  tenants: readonly (readonly [Tenant, Path])[],
  { reading, scope }: Omit<TenantPlace, 'path'>,
): void {
  for (const [tenant, path] of tenants) {
    const marks = [
      ...tenant.keyHashes.map((hash) => ['a key', `key ${hash}`] as const),
      ...(tenant.header === undefined
        ? []
        : [['its header', `header ${tenant.header.name}: ${tenant.header.value}`] as const]),
      ...(tenant.isDefault ? [['that it is everybody else', 'default'] as const] : []),
    ];
    for (const [word, mark] of marks) {
      const other = scope.tenantMarks.get(mark);
      scope.tenantMarks.set(mark, other ?? tenant.name);
      if (other === undefined) continue;
      const message = `the tenants "${other}" and "${tenant.name}" share ${word}: nobody can tell them apart`;
      reading.error(path, { code: 'config.conflict', message, mend: 'take it from one of them' });
    }
  }
}

export function translateTenants(value: unknown, reading: Reading, scope: NativeScope): readonly Tenant[] {
  const tenants = reading.members(value, ['tenants']).flatMap(([name, member, path]) => {
    const written = reading.parse(TENANT, member ?? {}, path);
    return written === undefined ? [] : [[toTenant(name, written, { reading, scope, path }), path] as const];
  });
  reportShared(tenants, { reading, scope });
  return tenants.map(([tenant]) => tenant);
}
