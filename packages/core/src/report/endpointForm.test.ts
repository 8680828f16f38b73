import { describe, expect, test } from 'vitest';
import { isEndpoint } from './endpointForm.ts';

describe('Limits: an endpoint is a scheme, a host and a port, or a unix socket', () => {
  test.each([
    'grpc://172.16.16.130:50051',
    'grpcs://plugin.example.com:443',
    'http://localhost:80',
    'https://plugin.example.com.:8443',
    'tcp://host_with_underscore:65535',
    'GRPC://Host:1',
    'grpc://bücher.example:50051',
    'grpc://[::1]:50051',
    'grpc://[fd00::1:2]:50051',
    'grpc://[fe80::1%eth0]:50051',
    'grpc://[::ffff:10.0.0.1]:50051',
    'unix:/run/plugin.sock',
    'unix:///run/plugin.sock',
  ])('%s is one', (endpoint) => {
    expect(isEndpoint(endpoint)).toBe(true);
  });

  test.each([
    [
      'that existing agents make on Kubernetes',
      'grpc://plugin-zabbix-mon-webhook-dgqqfqsqidieeuk.dev-supervisor.svc:50051',
    ],
    ['that existing agents make with Docker', 'grpc://docker_host-1:50051'],
    ['that existing agents make of a pod’s IPv6 address', 'grpc://fd00:10:244::5:50051'],
    ['of an id with signs and letters of any kind', 'grpc://plug+in~(ü)-abc.host:50051'],
  ])('one %s is taken: %s', (_, endpoint) => {
    expect(isEndpoint(endpoint)).toBe(true);
  });

  test.each([
    ['a scheme', 'plugin:50051'],
    ['a scheme', '//plugin:50051'],
    ['a scheme that callers know', 'ftp://plugin:21'],
    ['a scheme that callers know', 'javascript:alert(1)'],
    ['a scheme that callers know', 'grpcx://plugin:50051'],
    ['a host', 'grpc://:50051'],
    ['a host', 'grpc://[]:50051'],
    ['a host without spaces', 'grpc://a b:50051'],
    ['a port', 'grpc://plugin'],
    ['a port', 'http://plugin'],
    ['a port', 'grpc://plugin:'],
    ['a port', 'grpc://[::1]'],
    ['a port from 1 to 65535', 'grpc://plugin:0'],
    ['a port from 1 to 65535', 'grpc://plugin:65536'],
    ['a port from 1 to 65535', 'grpc://plugin:100000'],
    ['a port in digits', 'grpc://plugin:http'],
    ['a port in digits', 'grpc://plugin:-1'],
    ['a port in digits', 'grpc://plugin:1.0'],
    ['an IPv6 address in brackets', 'grpc://[plugin]:50051'],
    ['an IPv6 address in brackets', 'grpc://[10.0.0.1]:50051'],
    ['one host', 'grpc://a:1:2'],
    ['a bracket that is closed', 'grpc://[::1:50051'],
    ['no user', 'grpc://user:secret@plugin:50051'],
    ['nothing after the port', 'http://plugin:80/'],
    ['nothing after the port', 'grpc://plugin:50051?a=b'],
    ['nothing after the port', 'grpc://plugin:50051\n'],
    ['no space before', ' grpc://plugin:50051'],
    ['an absolute path of a socket', 'unix:plugin.sock'],
    ['an absolute path of a socket', 'unix://run/plugin.sock'],
    ['an absolute path of a socket', 'unix:///'],
  ])('it has %s, so %j is none', (_, endpoint) => {
    expect(isEndpoint(endpoint)).toBe(false);
  });
});
