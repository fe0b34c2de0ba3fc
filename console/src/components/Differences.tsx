import type { PropertyDifference } from '../api/model.ts';

/** Before → after, property by property. */
export function Differences({ of: differences, caption }: { of: readonly PropertyDifference[]; caption: string }) {
  return (
    <div className="table-scroll">
      <table className="table table-cards diff">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={difference.property}>
              <td>
                <code className="wrap">{difference.property}</code>
              </td>
              <td data-label="Before">
                {'before' in difference ? <del>{textOf(difference.before)}</del> : <span className="muted">none</span>}
              </td>
              <td data-label="After">
                {'after' in difference ? <ins>{textOf(difference.after)}</ins> : <span className="muted">none</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
