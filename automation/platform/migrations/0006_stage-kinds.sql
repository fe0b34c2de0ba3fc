-- What is done in a stage is stored with it, rather than read from its name.
UPDATE mlops.executions
   SET stages = (
         SELECT jsonb_agg(
                  CASE WHEN stage ? 'kind' THEN stage
                       ELSE stage || jsonb_build_object('kind', lower(substring(stage->>'name' FROM '^(Source|Approve|Deploy|Destroy)')))
                  END ORDER BY position)
           FROM jsonb_array_elements(stages) WITH ORDINALITY AS stages (stage, position))
 WHERE jsonb_array_length(stages) > 0;
