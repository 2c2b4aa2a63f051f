"""The names that arguments take, for type checkers: operations, and values of enums.

``tools/record_model.py`` writes this file.
"""

from __future__ import annotations

from typing import Literal

Operation = Literal[
    "CloneBackend",
    "CreateBackend",
    "CreateBackendAPI",
    "CreateBackendAuth",
    "CreateBackendConfig",
    "CreateBackendStorage",
    "CreateToken",
    "DeleteBackend",
    "DeleteBackendAPI",
    "DeleteBackendAuth",
    "DeleteBackendStorage",
    "DeleteToken",
    "GenerateBackendAPIModels",
    "GetBackend",
    "GetBackendAPI",
    "GetBackendAPIModels",
    "GetBackendAuth",
    "GetBackendJob",
    "GetBackendStorage",
    "GetToken",
    "ImportBackendAuth",
    "ImportBackendStorage",
    "ListBackendJobs",
    "ListS3Buckets",
    "RemoveAllBackends",
    "RemoveBackendConfig",
    "UpdateBackendAPI",
    "UpdateBackendAuth",
    "UpdateBackendConfig",
    "UpdateBackendJob",
    "UpdateBackendStorage",
]
_Method = Literal[
    "clone_backend",
    "create_backend",
    "create_backend_api",
    "create_backend_auth",
    "create_backend_config",
    "create_backend_storage",
    "create_token",
    "delete_backend",
    "delete_backend_api",
    "delete_backend_auth",
    "delete_backend_storage",
    "delete_token",
    "generate_backend_api_models",
    "get_backend",
    "get_backend_api",
    "get_backend_api_models",
    "get_backend_auth",
    "get_backend_job",
    "get_backend_storage",
    "get_token",
    "import_backend_auth",
    "import_backend_storage",
    "list_backend_jobs",
    "list_s3_buckets",
    "remove_all_backends",
    "remove_backend_config",
    "update_backend_api",
    "update_backend_auth",
    "update_backend_config",
    "update_backend_job",
    "update_backend_storage",
]
_Neighbor = Literal[
    "CreateApp",
    "CreateBackendEnvironment",
    "CreateBranch",
    "DeleteApp",
    "DeleteBackendEnvironment",
    "DeleteBranch",
    "GetApp",
    "GetBackendEnvironment",
    "GetBranch",
    "ListApps",
    "ListBackendEnvironments",
    "ListBranches",
]
_NeighborMethod = Literal[
    "create_app",
    "create_backend_environment",
    "create_branch",
    "delete_app",
    "delete_backend_environment",
    "delete_branch",
    "get_app",
    "get_backend_environment",
    "get_branch",
    "list_apps",
    "list_backend_environments",
    "list_branches",
]
MFAMode = Literal["ON", "OFF", "OPTIONAL"]
DeliveryMethod = Literal["EMAIL", "SMS"]
AuthMode = Literal["API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT"]
OperationName = Operation | _Method
CalledOperation = Operation | _Neighbor
ServedOperation = OperationName | _Neighbor | _NeighborMethod
