import assert from 'node:assert/strict';
import { loadConfig } from '../../../automation/config/config.ts';
import { SOURCE_SECRETS } from '../../../automation/config/source-settings.ts';

const VALID = {
  DATABASE_URL: 'postgresql://user:secret-password@db:5432/mlops',
  PULUMI_BACKEND_URL: 's3://state',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'eu-west-1',
  ASSETS_BUCKET: 'my-assets',
};
const SECRET = 'a-secret-of-32-characters-or-more';

function sourcesOf(env: Record<string, string>) {
  return loadConfig({ ...VALID, ...env }).sources;
}

function problemsOf(env: Record<string, string>): string {
  try {
    sourcesOf(env);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail('the settings were taken');
}

describe('settings of configuration as data', () => {
  it('are off unless something is named, but for the assets bucket', () => {
    const { repositories, queueUrl, buckets, partialLists, github } = sourcesOf({});
    assert.deepEqual(repositories, []);
    assert.deepEqual(
      { queueUrl, buckets, partialLists },
      { queueUrl: '', buckets: ['my-assets'], partialLists: false },
    );
    assert.deepEqual(github, { webhookSecret: '', token: '', apiUrl: 'https://api.github.com' });
  });

  it('take repositories of every kind', () => {
    const { repositories } = sourcesOf({
      CONFIG_REPOSITORIES: [
        'github:acme/models.v2@main',
        ' gitlab:group/sub/project@release/1.0',
        'bitbucket:team/repo@main',
        'codecommit:mlops-config@main',
        'git:https://git.example.com:8443/team/repo.git@main',
        'git:ssh://git@git.example.com/team/repo.git@main',
        'git:file:///srv/git/repo.git@main,',
      ].join(','),
      GITHUB_WEBHOOK_SECRET: SECRET,
      GITLAB_WEBHOOK_SECRET: SECRET,
      BITBUCKET_WEBHOOK_SECRET: SECRET,
      CONFIG_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111111111111/config',
    });
    assert.deepEqual(
      repositories.map(({ source, repository, branch }) => [source, repository, branch]),
      [
        ['github', 'acme/models.v2', 'main'],
        ['gitlab', 'group/sub/project', 'release/1.0'],
        ['bitbucket', 'team/repo', 'main'],
        ['codecommit', 'mlops-config', 'main'],
        ['git', 'https://git.example.com:8443/team/repo.git', 'main'],
        ['git', 'ssh://git@git.example.com/team/repo.git', 'main'],
        ['git', 'file:///srv/git/repo.git', 'main'],
      ],
    );
  });

  for (const entry of [
    'github:acme/models',
    'github:acme/models@',
    'github:acme@main',
    'github:acme/models@-branch',
    'github:acme/models@a..b',
    'github:acme/models@a b',
    'svn:acme/models@main',
    'acme/models@main',
    'git:ext::sh -c touch%20/tmp/x@main',
    'git:--upload-pack=touch@main',
    'git:http://git.example.com/repo.git@main',
    'git:git@git.example.com:repo.git@main',
    'git:ssh://git@git.example.com/repo.git',
    'git:ssh://-oProxyCommand/repo.git@main',
  ]) {
    it(`refuse ${entry}`, () => {
      assert.match(
        problemsOf({ CONFIG_REPOSITORIES: entry, GITHUB_WEBHOOK_SECRET: SECRET }),
        /- CONFIG_REPOSITORIES: /,
      );
    });
  }

  it('refuse a password in a remote without saying it', () => {
    const problems = problemsOf({ CONFIG_REPOSITORIES: 'git:https://kim:hunter2@git.example.com/repo.git@main' });
    assert.match(problems, /CONFIG_GIT_PASSWORD/);
    assert.ok(!problems.includes('hunter2'));
  });

  it('ask for what each kind of repository needs, all at once', () => {
    const problems = problemsOf({
      CONFIG_REPOSITORIES: 'github:a/b@main,gitlab:a/b@main,bitbucket:a/b@main,codecommit:b@main',
      PORT: '99999',
    });
    for (const name of [
      'PORT',
      'GITHUB_WEBHOOK_SECRET',
      'GITLAB_SIGNING_TOKEN',
      'BITBUCKET_WEBHOOK_SECRET',
      'CONFIG_QUEUE_URL',
    ]) {
      assert.match(problems, new RegExp(`^ {2}- (GITLAB_WEBHOOK_SECRET or )?${name} `, 'm'));
    }
  });

  it('refuse short secrets, and API addresses to which a token would travel in the clear', () => {
    const problems = problemsOf({
      GITHUB_WEBHOOK_SECRET: 'short',
      GITLAB_SIGNING_TOKEN: 'not-whsec',
      GITLAB_API_URL: 'http://gitlab.example.com/api/v4',
    });
    for (const name of ['GITHUB_WEBHOOK_SECRET', 'GITLAB_SIGNING_TOKEN', 'GITLAB_API_URL']) {
      assert.match(problems, new RegExp(`^ {2}- ${name} `, 'm'));
    }
    assert.ok(!problems.includes('short"'));
    assert.equal(sourcesOf({ GITHUB_API_URL: 'http://127.0.0.1:1234/' }).github.apiUrl, 'http://127.0.0.1:1234');
  });

  it('hold secrets that no child process gets', async () => {
    const given = Object.fromEntries([...SOURCE_SECRETS, 'AWS_REGION'].map((name) => [name, 'x']));
    const before = { ...process.env };
    Object.assign(process.env, given);
    try {
      const { childEnvironment } = await import('../../../automation/stacks/child-environment.ts');
      const child = await childEnvironment();
      assert.equal(child.AWS_REGION, 'x');
      for (const name of SOURCE_SECRETS) assert.equal(child[name], undefined, name);
    } finally {
      for (const name of Object.keys(given)) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
  });
});
