// Asks the server in this container whether it is ready, for the image's health check: ends with 0 if it is, else with 1.
import * as http from 'node:http';
import * as https from 'node:https';

const { HOST = '127.0.0.1', PORT = '4000', MUSTER_TLS_CERT_FILE } = process.env;
// A server that listens on every address does so on loopback.
const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' };
// The certificate is for the name that clients use, which is not this one.
const { get } = MUSTER_TLS_CERT_FILE ? https : http;
const options = { host: loopback[HOST] ?? HOST, port: PORT, path: '/ready', rejectUnauthorized: false, timeout: 4_000 };

get(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
