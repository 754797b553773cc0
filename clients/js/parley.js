/** The client library of Parley. Types and documentation are in parley.d.ts, guarantees in README.md. */
export { createClient, ParleyError, Unauthorized } from './lib/client.js';
