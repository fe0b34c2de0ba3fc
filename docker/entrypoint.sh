#!/bin/sh
# The Pulumi CLI writes next to its plugins, which are in the read-only image: its home is created in /tmp, with a link to them.
set -e
mkdir -p "$PULUMI_HOME"
ln -sfn /opt/pulumi/plugins "$PULUMI_HOME/plugins"
exec "$@"
