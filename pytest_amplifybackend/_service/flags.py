"""AmplifyFeatureFlags: the content of cli.json in a project of today.

Flags and values are those of a new project (documented: CLI, packages/amplify-cli-core,
feature-flags; observed: counted in 43 public files). They are also what the models are generated
by: ``respectprimarykeyattributesonconnectionfield`` is why relations have ``targetNames``.
"""

from __future__ import annotations

import json

_FEATURES = {
    "features": {
        "graphqltransformer": {
            "addmissingownerfields": True,
            "improvepluralization": False,
            "validatetypenamereservedwords": True,
            "useexperimentalpipelinedtransformer": True,
            "enableiterativegsiupdates": True,
            "secondarykeyasgsi": True,
            "skipoverridemutationinputtypes": True,
            "transformerversion": 2,
            "suppressschemamigrationprompt": True,
            "securityenhancementnotification": False,
            "showfieldauthnotification": False,
            "usesubusernamefordefaultidentityclaim": True,
            "usefieldnameforprimarykeyconnectionfield": False,
            "enableautoindexquerynames": True,
            "respectprimarykeyattributesonconnectionfield": True,
            "shoulddeepmergedirectiveconfigdefaults": False,
            "populateownerfieldforstaticgroupauth": True,
            "subscriptionsinheritprimaryauth": False,
        },
        "frontend-ios": {"enablexcodeintegration": True},
        "auth": {
            "enablecaseinsensitivity": True,
            "useinclusiveterminology": True,
            "breakcirculardependency": True,
            "forcealiasattributes": False,
            "useenabledmfas": True,
        },
        "codegen": {
            "useappsyncmodelgenplugin": True,
            "usedocsgeneratorplugin": True,
            "usetypesgeneratorplugin": True,
            "cleangeneratedmodelsdirectory": True,
            "retaincasestyle": True,
            "addtimestampfields": True,
            "handlelistnullabilitytransparently": True,
            "emitauthprovider": True,
            "generateindexrules": True,
            "enabledartnullsafety": True,
            "generatemodelsforlazyloadandcustomselectionset": False,
        },
        "appsync": {"generategraphqlpermissions": True},
        "latestregionsupport": {
            "pinpoint": 1,
            "translate": 1,
            "transcribe": 1,
            "rekognition": 1,
            "textract": 1,
            "comprehend": 1,
        },
        "project": {"overrides": True},
    },
    "debug": {},
}
FEATURE_FLAGS = json.dumps(_FEATURES, separators=(",", ":"))
"""The same for every environment, as compact JSON."""
