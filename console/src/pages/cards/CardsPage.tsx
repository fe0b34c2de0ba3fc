/** The model cards of the account. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IdCard } from 'lucide-react';
import { cardsQuery } from '../../api/record-queries.ts';
import { Code } from '../../components/Code.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';

const EXAMPLE = {
  pipeline_type: 'create_model_card',
  name: 'my-card',
  model_overview: { model_description: 'What the model does.', model_owner: 'Fraud team' },
  intended_uses: { purpose_of_model: 'Score payments.', risk_rating: 'Low' },
};

export function CardsPage() {
  const query = useQuery(cardsQuery);
  return (
    <Page title="Model cards">
      <div className="card">
        <QueryView query={query} what="the model cards">
          {({ ModelCardSummaries: cards }) =>
            cards.length === 0 ? (
              <Empty icon={IdCard} title="No model cards yet">
                <p>
                  A model card documents a model: its purpose, training, evaluation and owner. This body of{' '}
                  <code>POST /provisionpipeline</code> creates one:
                </p>
                <Code what="the request that creates a card" text={JSON.stringify(EXAMPLE, null, 2)} />
              </Empty>
            ) : (
              <div className="table-scroll">
                <table className="table table-cards">
                  <caption className="visually-hidden">Model cards, newest first</caption>
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col">Status</th>
                      <th scope="col">Created</th>
                      <th scope="col">Changed</th>
                    </tr>
                  </thead>
                  <tbody>
                    {cards.map(({ ModelCardName: name, ModelCardStatus: status, CreationTime, LastModifiedTime }) => (
                      <tr key={name}>
                        <td>
                          <Link to="/cards/$name" params={{ name }} className="main-link">
                            {name}
                          </Link>
                        </td>
                        <td data-label="Status">
                          <Status of={status} />
                        </td>
                        <td data-label="Created" className="muted small">
                          {CreationTime && <Ago at={CreationTime} />}
                        </td>
                        <td data-label="Changed" className="muted small">
                          {LastModifiedTime && <Ago at={LastModifiedTime} />}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </QueryView>
      </div>
    </Page>
  );
}
