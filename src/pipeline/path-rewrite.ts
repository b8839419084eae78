// Replacing a path or its matched prefix, as rewrites and redirects both do it (Gateway API HTTPPathModifier).

export interface PathChange {
  /** Replaces the whole path. */
  readonly path?: string;
  /** Replaces `prefixFrom`. */
  readonly prefix?: string;
  readonly prefixFrom?: string;
}

/** `/foo` → `/xyz` turns `/foo/bar` into `/xyz/bar`; a replacement of `/` leaves `/bar`. A path outside the prefix stays as it is. */
export function changePath(path: string, change: PathChange): string {
  if (change.path !== undefined) return change.path;
  if (change.prefix === undefined) return path;
  const from = withoutSlash(change.prefixFrom ?? '');
  if (path !== from && !path.startsWith(`${from}/`)) return path;
  const rest = path.slice(from.length);
  const changed = withoutSlash(change.prefix) + rest;
  return changed === '' ? '/' : changed;
}

function withoutSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}
