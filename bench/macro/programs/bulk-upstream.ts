// An upstream for very large bodies, in a process of its own. `POST /sink` takes a body and answers with its size and checksum;
// `GET /source?bytes=N` sends N bytes with a length, `&chunked=1` without; `bytesPerSecond=N` makes either slow.
// `bulk-upstream.ts PORT`
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { receive, send } from './bulk-body.ts';

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const number = (name: string, otherwise: number): number => Number(url.searchParams.get(name) ?? otherwise);
  if (url.pathname === '/source') {
    const bytes = number('bytes', 0);
    const framing = url.searchParams.has('chunked') ? {} : { 'content-length': bytes };
    response.writeHead(200, { 'content-type': 'application/octet-stream', ...framing });
    await send(response, { bytes, bytesPerSecond: number('bytesPerSecond', Infinity) });
    return;
  }
  const received = await receive(request, number('bytesPerSecond', Infinity));
  const text = JSON.stringify(received);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1');
