# @summary What scripts and Prometheus send; the hash is what `hostscope token add` writes: SHA-256 of the token
type Hostscope::Token = Struct[{
    hash              => Pattern[/\A[0-9a-f]{64}\z/],
    scopes            => Array[Enum['read:live', 'read:history', 'read:procs', 'metrics', 'write:marks'], 1],
    Optional[created] => String[1],
    Optional[expires] => String[1],
}]
