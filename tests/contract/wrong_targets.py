"""Every wrong target: how it is broken, and which file has to notice, naming which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import codec_mutants
import mutants
import pytest


@dataclass(frozen=True)
class Wrong:
    """A target with a fault; ``over`` is the transport where it shows."""

    patch: Callable[[pytest.MonkeyPatch], None]
    file: str
    operation: str
    over: str


def _of(
    table: Mapping[str, Callable[[pytest.MonkeyPatch], None]], over: str, rows: str
) -> dict[str, Wrong]:
    """The rows of a table: name, file and operation in each line."""
    found = {}
    for line in rows.strip().splitlines():
        name, file, operation = line.split()
        found[name] = Wrong(table[name], f"test_{file}", operation, over)
    return found


SERVICE = _of(
    mutants.MUTANTS,
    "stubber",
    """
    page_one_too_long                        pagination  ListBackendJobs
    page_one_too_short                       pagination  ListBackendJobs
    jobs_oldest_first                        pagination  ListBackendJobs
    next_page_repeats_the_last_job           pagination  ListBackendJobs
    status_filter_is_ignored                 pagination  ListBackendJobs
    token_of_another_filter_is_taken         pagination  ListBackendJobs
    jobs_of_a_deleted_environment_are_lost   jobs        DeleteBackend
    job_is_lost                              operations  DeleteBackendAPI
    second_job_is_taken_while_one_is_pending jobs        CreateBackendAPI
    app_wide_job_bars_nothing                jobs        CreateBackendAuth
    clone_is_filed_under_its_source          jobs        CloneBackend
    failed_job_is_completed                  jobs        UpdateBackendAuth
    failed_job_has_no_error                  jobs        GetBackendJob
    update_time_stands_still                 jobs        UpdateBackendAuth
    ended_job_can_be_reopened                jobs        UpdateBackendJob
    setting_a_job_completed_skips_its_work   jobs        UpdateBackendJob
    missing_environment_is_a_bad_request     errors      CloneBackend
    missing_app_is_a_bad_request             errors      CreateToken
    existing_environment_is_not_found        errors      CreateBackend
    pending_job_is_too_many_requests         jobs        CreateBackendAPI
    disabled_studio_is_a_bad_request         lifecycle   UpdateBackendConfig
    environment_names_are_not_checked        limits      CreateBackend
    secrets_are_told_in_refusals             rules       CreateBackendAuth
    deleted_auth_stays                       lifecycle   DeleteBackendAuth
    removing_all_backends_forgets_the_last   isolation   RemoveAllBackends
    cleaned_app_stays                        resources   RemoveAllBackends
    auth_update_forgets_what_it_is_not_given resources   UpdateBackendAuth
    empty_oauth_is_kept                      resources   UpdateBackendAuth
    auth_goes_while_storage_depends_on_it    resources   DeleteBackendAuth
    storage_needs_no_auth                    resources   CreateBackendStorage
    storage_update_adds_to_guest_permissions resources   UpdateBackendStorage
    imported_auth_can_be_updated             lifecycle   UpdateBackendAuth
    clone_takes_imported_resources_along     resources   CloneBackend
    clone_shares_its_source                  isolation   CloneBackend
    failed_clone_leaves_nothing              lifecycle   CloneBackend
    api_update_replaces_the_whole_config     resources   UpdateBackendAPI
    models_are_never_stale                   lifecycle   UpdateBackendAPI
    models_of_the_first_schema_stay          resources   GenerateBackendAPIModels
    reading_a_token_consumes_it              repeating   GetToken
    studio_stays_after_removal               lifecycle   RemoveBackendConfig
    bucket_stays_after_its_storage           resources   DeleteBackendStorage
    answer_is_a_piece_of_the_state           repeating   GetBackendAuth
    studio_config_is_a_piece_of_the_state    repeating   UpdateBackendConfig
    environment_list_is_stale                isolation   DeleteBackend
    meta_is_cached                           lifecycle   CreateBackendAuth
    meta_has_white_space                     resources   GetBackend
    regions_are_one                          isolation   GetBackend
    deleting_environment_can_be_read         lifecycle   GetBackend
    creating_environment_is_there_at_once    lifecycle   CreateBackend
    """,
)
"""Faults of the service that the machine of the strategies is held to as well."""

CODEC = _of(
    codec_mutants.MUTANTS,
    "wire",
    """
    required_member_is_missing               operations  CreateBackendAuth
    job_id_has_another_wire_name             operations  CreateBackend
    members_have_botocore_names              operations  GetToken
    status_is_in_lower_case                  operations  CreateBackendAPI
    models_status_is_no_enum_value           operations  GetBackendAPIModels
    success_is_denied                        repeating   DeleteToken
    time_is_a_number                         operations  GetBackendJob
    meta_is_an_object                        operations  GetBackend
    meta_is_no_json                          operations  GetBackend
    list_is_an_object                        operations  ListS3Buckets
    next_token_is_not_sent                   pagination  ListBackendJobs
    secret_name_has_the_wrong_case           operations  CreateBackendAuth
    text_is_sent_as_latin_1                  configs     CreateBackendAuth
    body_breaks_off                          operations  GetBackendStorage
    not_found_has_status_400                 errors      GetBackend
    refusal_has_status_200                   errors      GetBackend
    refusal_has_no_code                      errors      GetBackend
    refusal_has_the_codes_of_another_service errors      GetBackend
    refusal_has_no_message                   errors      GetBackend
    not_found_does_not_say_of_what           errors      GetBackend
    request_id_is_always_the_same            errors      GetBackend
    environment_in_the_body_is_ignored       operations  GetBackend
    optional_boolean_is_ignored              resources   RemoveAllBackends
    enum_is_not_checked                      rules       CreateBackendAuth
    enum_of_permissions_is_not_checked       rules       CreateBackendStorage
    password_length_is_not_checked           limits      UpdateBackendAuth
    schema_is_not_parsed                     rules       CreateBackendAPI
    max_results_is_not_checked               limits      ListBackendJobs
    bucket_names_are_not_checked             limits      CreateBackendStorage
    refused_call_changes_the_state           errors      CreateBackend
    token_skips_a_job                        pagination  ListBackendJobs
    job_id_is_in_capitals                    operations  UpdateBackendStorage
    job_is_said_to_be_completed_at_once      operations  ImportBackendAuth
    job_times_are_in_seconds                 operations  GetBackendJob
    completed_job_has_an_error               jobs        GetBackendJob
    token_has_expired_when_it_is_made        repeating   CreateToken
    every_token_has_the_same_code            repeating   CreateToken
    environments_are_sorted                  resources   GetBackend
    models_have_one_version                  resources   GenerateBackendAPIModels
    secrets_are_told_in_the_error_of_a_job   rules       CreateBackendAuth
    """,
)
"""Faults of the codec, and of the service."""

WRONG: Mapping[str, Wrong] = {**SERVICE, **CODEC}
