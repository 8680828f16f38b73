import { describe, expect, it } from 'vitest';
import { imageSpellings, parseImage } from './imageReference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe("an image's name", () => {
  it.each([
    ['echo', { registry: 'docker.io', repository: 'echo', tag: 'latest' }],
    ['ours/echo:1', { registry: 'docker.io', repository: 'ours/echo', tag: '1' }],
    ['docker.io/ours/echo:1', { registry: 'docker.io', repository: 'docker.io/ours/echo', tag: '1' }],
    ['localhost/echo:1', { registry: 'localhost', repository: 'localhost/echo', tag: '1' }],
    ['r.example:5000/a/b', { registry: 'r.example:5000', repository: 'r.example:5000/a/b', tag: 'latest' }],
    [`r.example/echo@${digest}`, { registry: 'r.example', repository: 'r.example/echo', digest }],
    [`r.example/echo:1@${digest}`, { registry: 'r.example', repository: 'r.example/echo', tag: '1', digest }],
  ])('%s says its registry, its tag and its digest', (image, expected) => {
    expect(parseImage(image)).toEqual(expected);
  });

  it('of Docker Hub can be written in several ways, one of another registry in one', () => {
    expect(imageSpellings('echo:latest')).toEqual(
      expect.arrayContaining([
        'echo',
        'echo:latest',
        'library/echo',
        'docker.io/echo',
        'docker.io/library/echo:latest',
      ]),
    );
    expect(imageSpellings('docker.io/library/echo:1')).toEqual(imageSpellings('echo:1'));
    expect(imageSpellings('r.example/echo:1')).toEqual(['r.example/echo:1']);
    expect(imageSpellings(`r.example/echo@${digest}`)).toEqual([`r.example/echo@${digest}`]);
  });
});
