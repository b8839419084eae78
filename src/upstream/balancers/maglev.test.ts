// The contract and what hashing must show. A table moves a few keys more than a ring.
import { testBalancer } from '../balancer.contract.ts';
import { testHashing } from '../hashing.contract.ts';
import { maglev } from './maglev.ts';

testBalancer(maglev, { hash_on: ['client_ip'], bounded_load: 1.25 }, { tolerance: 0.012 });
testHashing(maglev, 0.05);
