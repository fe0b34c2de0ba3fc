/** The statements that are sent on the connections of a pool, from now on. */
import type pg from 'pg';

export function recordStatements(database: pg.Pool): { readonly statements: string[]; stop(): void } {
  const statements: string[] = [];
  const onAcquire = (client: pg.PoolClient) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const recording = (...args: unknown[]) => {
      const [statement] = args as [string | { text: string }];
      statements.push(typeof statement === 'string' ? statement : statement.text);
      return query(...args);
    };
    client.query = recording as typeof client.query;
    const onRelease = (_error: unknown, released: pg.PoolClient) => {
      if (released !== client) return;
      client.query = query as typeof client.query;
      database.off('release', onRelease);
    };
    database.on('release', onRelease);
  };
  database.on('acquire', onAcquire);
  return { statements, stop: () => database.off('acquire', onAcquire) };
}
