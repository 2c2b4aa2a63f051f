"""Every wrong target: how it is broken, and which file has to notice, naming which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import answer_mutants
import codec_mutants
import job_mutants
import mutants
import pytest
import resource_mutants


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
    page_one_too_long                        pagination   ListBackendJobs
    page_one_too_short                       pagination   ListBackendJobs
    jobs_oldest_first                        pagination   ListBackendJobs
    next_page_repeats_the_last_job           pagination   ListBackendJobs
    status_filter_is_ignored                 pagination   ListBackendJobs
    token_of_another_filter_is_taken         pagination   ListBackendJobs
    jobs_of_a_deleted_environment_are_lost   jobs         DeleteBackend
    job_is_lost                              operations   DeleteBackendAPI
    second_job_is_taken_while_one_is_pending jobs         CreateBackendAPI
    app_wide_job_bars_nothing                jobs         CreateBackendAuth
    clone_is_filed_under_its_source          jobs         CloneBackend
    failed_job_is_completed                  jobs         UpdateBackendAuth
    failed_job_has_no_error                  jobs         GetBackendJob
    update_time_stands_still                 jobs         UpdateBackendAuth
    ended_job_can_be_reopened                moves        UpdateBackendJob
    setting_a_job_completed_skips_its_work   moves        UpdateBackendJob
    missing_environment_is_a_bad_request     errors       CloneBackend
    missing_app_is_a_bad_request             errors       CreateToken
    existing_environment_is_not_found        errors       CreateBackend
    pending_job_is_too_many_requests         jobs         CreateBackendAPI
    disabled_studio_is_a_bad_request         lifecycle    UpdateBackendConfig
    environment_names_are_not_checked        limits       CreateBackend
    secrets_are_told_in_refusals             rules        CreateBackendAuth
    deleted_auth_stays                       lifecycle    DeleteBackendAuth
    removing_all_backends_forgets_the_last   isolation    RemoveAllBackends
    cleaned_app_stays                        environments RemoveAllBackends
    auth_update_forgets_what_it_is_not_given auth         UpdateBackendAuth
    empty_oauth_is_kept                      auth         UpdateBackendAuth
    auth_goes_while_storage_depends_on_it    auth         DeleteBackendAuth
    storage_needs_no_auth                    storage      CreateBackendStorage
    storage_update_adds_to_guest_permissions storage      UpdateBackendStorage
    imported_auth_can_be_updated             lifecycle    UpdateBackendAuth
    clone_takes_imported_resources_along     environments CloneBackend
    clone_shares_its_source                  isolation    CloneBackend
    failed_clone_leaves_nothing              lifecycle    CloneBackend
    api_update_replaces_the_whole_config     api          UpdateBackendAPI
    models_are_never_stale                   lifecycle    UpdateBackendAPI
    models_of_the_first_schema_stay          api          GenerateBackendAPIModels
    reading_a_token_consumes_it              repeating    GetToken
    studio_stays_after_removal               lifecycle    RemoveBackendConfig
    bucket_stays_after_its_storage           storage      DeleteBackendStorage
    answer_is_a_piece_of_the_state           repeating    GetBackendAuth
    studio_config_is_a_piece_of_the_state    repeating    UpdateBackendConfig
    environment_list_is_stale                isolation    DeleteBackend
    meta_is_cached                           lifecycle    CreateBackendAuth
    meta_has_white_space                     environments GetBackend
    regions_are_one                          isolation    GetBackend
    deleting_environment_can_be_read         lifecycle    GetBackend
    creating_environment_is_there_at_once    lifecycle    CreateBackend
    """,
)
"""Faults of the service that the machine of the strategies is held to as well."""

CODEC = _of(
    codec_mutants.MUTANTS,
    "wire",
    """
    required_member_is_missing               operations   CreateBackendAuth
    job_id_has_another_wire_name             operations   CreateBackend
    members_have_botocore_names              operations   GetToken
    status_is_in_lower_case                  operations   CreateBackendAPI
    models_status_is_no_enum_value           operations   GetBackendAPIModels
    success_is_denied                        repeating    DeleteToken
    time_is_a_number                         operations   GetBackendJob
    meta_is_an_object                        operations   GetBackend
    meta_is_no_json                          operations   GetBackend
    list_is_an_object                        operations   ListS3Buckets
    next_token_is_not_sent                   pagination   ListBackendJobs
    secret_name_has_the_wrong_case           operations   CreateBackendAuth
    text_is_sent_as_latin_1                  configs      CreateBackendAuth
    body_breaks_off                          operations   GetBackendStorage
    not_found_has_status_400                 errors       GetBackend
    refusal_has_status_200                   errors       GetBackend
    refusal_has_no_code                      errors       GetBackend
    refusal_has_the_codes_of_another_service errors       GetBackend
    refusal_has_no_message                   errors       GetBackend
    not_found_does_not_say_of_what           errors       GetBackend
    request_id_is_always_the_same            errors       GetBackend
    environment_in_the_body_is_ignored       operations   GetBackend
    optional_boolean_is_ignored              environments RemoveAllBackends
    enum_is_not_checked                      rules        CreateBackendAuth
    enum_of_permissions_is_not_checked       rules        CreateBackendStorage
    password_length_is_not_checked           limits       UpdateBackendAuth
    schema_is_not_parsed                     rules        CreateBackendAPI
    max_results_is_not_checked               limits       ListBackendJobs
    bucket_names_are_not_checked             limits       CreateBackendStorage
    refused_call_changes_the_state           errors       CreateBackend
    token_skips_a_job                        pagination   ListBackendJobs
    job_id_is_in_capitals                    operations   UpdateBackendStorage
    job_is_said_to_be_completed_at_once      operations   ImportBackendAuth
    job_times_are_in_seconds                 operations   GetBackendJob
    completed_job_has_an_error               jobs         GetBackendJob
    token_has_expired_when_it_is_made        repeating    CreateToken
    every_token_has_the_same_code            repeating    CreateToken
    environments_are_sorted                  environments GetBackend
    models_have_one_version                  api          GenerateBackendAPIModels
    secrets_are_told_in_the_error_of_a_job   rules        CreateBackendAuth
    """,
)
"""Faults of the codec, and of the service."""

JOBS = _of(
    job_mutants.MUTANTS,
    "stubber",
    """
    last_job_is_lost_where_a_page_is_full        pagination   ListBackendJobs
    page_is_cut_before_it_is_filtered            pagination   ListBackendJobs
    page_has_ten_jobs_by_default                 pagination   ListBackendJobs
    list_says_no_errors                          jobs         ListBackendJobs
    list_tells_what_failed_jobs_were_given       auth         ListBackendJobs
    job_of_another_app_can_be_read               isolation    GetBackendJob
    job_of_another_environment_can_be_moved      isolation    UpdateBackendJob
    reading_an_ended_job_is_an_update            jobs         GetBackendJob
    job_was_created_when_it_ended                jobs         UpdateBackendAuth
    move_of_a_job_takes_no_time                  moves        UpdateBackendJob
    job_in_another_region_keeps_out              isolation    CreateBackendAuth
    clone_ends_well_without_its_source           jobs         CloneBackend
    environment_can_be_read_while_all_is_removed lifecycle    RemoveAllBackends
    models_are_there_before_their_job_has_ended  lifecycle    GenerateBackendAPIModels
    accepted_job_is_said_to_be_of_another_app    operations   DeleteBackendStorage
    """,
)
"""Faults of jobs and of their lists."""

RESOURCES = _of(
    resource_mutants.MUTANTS,
    "stubber",
    """
    auth_can_be_deleted_twice                    repeating    DeleteBackendAuth
    api_can_be_deleted_twice                     repeating    DeleteBackendAPI
    storage_can_be_deleted_twice                 repeating    DeleteBackendStorage
    models_outlive_their_api                     repeating    CreateBackendAPI
    studio_remembers_its_manager                 repeating    CreateBackendConfig
    models_of_any_environment_are_read           isolation    GetBackendAPIModels
    tokens_are_those_of_every_region             isolation    GetToken
    studio_is_that_of_every_region               isolation    UpdateBackendConfig
    buckets_are_those_of_a_region                isolation    ListS3Buckets
    api_update_without_a_config_empties_it       api          UpdateBackendAPI
    identity_pool_outlives_an_update_without     auth         UpdateBackendAuth
    identity_pool_loses_its_name                 auth         UpdateBackendAuth
    studio_login_is_merged                       repeating    UpdateBackendConfig
    manager_app_is_always_new                    repeating    CreateBackendConfig
    update_takes_any_name                        resources    UpdateBackendAPI
    one_attribute_of_users_is_refused            enums        CreateBackendAuth
    one_scope_is_refused                         enums        UpdateBackendAuth
    enum_is_taken_in_any_case                    enums        CreateBackendStorage
    uris_of_an_update_are_not_counted            limits       UpdateBackendAuth
    schema_of_an_update_is_not_parsed            rules        UpdateBackendAPI
    pool_of_another_region_is_imported           auth         ImportBackendAuth
    identity_pool_is_not_imported                auth         ImportBackendAuth
    """,
)
"""Faults of what is done twice, belongs to another, is kept, replaced or refused."""

ANSWERS = _of(
    answer_mutants.MUTANTS,
    "wire",
    """
    app_has_its_id_for_a_name                    environments GetBackend
    app_is_renamed_by_its_second_environment     environments CreateBackend
    feature_flags_are_left_out                   environments GetBackend
    feature_flags_are_no_json                    operations   GetBackend
    introspection_is_that_of_the_first_models    api          GetBackendAPIModels
    meta_tells_the_secrets_of_a_pool             auth         GetBackend
    last_push_is_the_first                       environments UpdateBackendAPI
    push_has_always_one_hash                     environments UpdateBackendAuth
    bucket_was_made_at_no_time                   storage      ListS3Buckets
    answer_is_accepted_with_status_202           operations   CreateBackendAuth
    bad_request_has_no_member_message            errors       CreateBackendStorage
    error_is_told_in_html                        errors       GetBackend
    answer_begins_with_a_mark                    operations   GetBackendAPI
    """,
)
"""Faults of what an answer says."""

WRONG: Mapping[str, Wrong] = {**SERVICE, **CODEC, **JOBS, **RESOURCES, **ANSWERS}
