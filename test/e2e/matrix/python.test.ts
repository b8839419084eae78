// Official Python clients through the gateway against every kind of provider; left out where Python cannot have them.
import { after, test } from 'node:test';
import { PythonClients, pythonMatrixClients, pythonWithClients } from './clients/python.ts';
import { runMatrix } from './run-matrix.ts';

const python = pythonWithClients();
if ('missing' in python) test('Python clients', { skip: python.missing }, () => {});
else {
  const clients = new PythonClients(python.path);
  after(() => clients.close());
  await runMatrix(pythonMatrixClients(clients));
}
