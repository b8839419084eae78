// Certificates and keys in a configuration: PEM text, or the path of a PEM file, which is read here so that the model holds the text.
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const BLOCK = {
  certificate: /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/,
  key: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]+-----END (?:[A-Z]+ )?PRIVATE KEY-----/,
};

export interface PemPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

/** The PEM text, or undefined after an error. The finding names the path of the file, never its content. */
export function readPem(
  written: string,
  kind: keyof typeof BLOCK,
  { reading, scope, path }: PemPlace,
): string | undefined {
  const isText = written.includes('-----BEGIN');
  const text = isText ? written : scope.options.readFile(written, reading.document.source);
  if (text === undefined) {
    const message = `the file "${written}" cannot be read`;
    reading.error(path, { code: 'config.missing-file', message, mend: 'give the path of a PEM file, or the PEM text' });
    return undefined;
  }
  if (!BLOCK[kind].test(text)) {
    const wanted = kind === 'key' ? 'private key' : 'certificate';
    reading.error(path, { code: 'config.wrong-value', message: `holds no ${wanted} in PEM form` });
    return undefined;
  }
  return text;
}
