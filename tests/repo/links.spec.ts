/** Every link within the repository's Markdown leads to a file, and to a heading of it where it names one. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (name) => /(^|\/)(node_modules|\.git|\.sandbox)$/.test(name),
});

const withoutCode = (markdown: string) => markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, 'code');

/** As GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replaceAll(' ', '-');
    for (let copy = 0; ; copy++) {
      const anchor = copy === 0 ? slug : `${slug}-${copy}`;
      if (anchors.has(anchor)) continue;
      anchors.add(anchor);
      break;
    }
  }
  return anchors;
}

function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  const file = join(ROOT, target);
  if (!existsSync(file)) return `${page}: ${link}: there is no ${target}`;
  if (anchor === undefined || statSync(file).isDirectory() || !target.endsWith('.md')) return undefined;
  return anchorsOf(readFileSync(file, 'utf8')).has(anchor) ? undefined : `${page}: ${link}: no such heading`;
}

describe('links in Markdown', () => {
  it('lead to files and headings that exist', () => {
    assert.ok(PAGES.length > 20, PAGES.join());
    const faults = PAGES.flatMap((page) =>
      [...withoutCode(readFileSync(join(ROOT, page), 'utf8')).matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
        .flatMap((link) => faultOf(page, link) ?? []),
    );
    assert.deepEqual(faults, []);
  });

  it('are made of headings as GitHub makes them', () => {
    const anchors = anchorsOf('# A `code` & more\n## Same\n## Same\n```\n# no heading\n```\n### [Linked](x.md), too\n');
    assert.deepEqual([...anchors], ['a-code--more', 'same', 'same-1', 'linked-too']);
  });
});
