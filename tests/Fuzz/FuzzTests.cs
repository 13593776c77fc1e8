namespace Hostscope.Fuzz.Tests;

/// <summary>
/// Goal: no bytes from outside, here the kernel's files, make it throw, hang or eat memory: at most a second and 16 MiB
/// for each input.
/// Method: sound inputs mutated, from a seed, which a failure names; every input that was once too much
/// is kept below tests/fixtures/fuzz and fed first. HOSTSCOPE_FUZZ_SECONDS is the time for each target.
/// </summary>
public sealed class KernelFuzzTests
{
    public static TheoryData<string> Collectors => [.. CollectorTarget.Collectors];

    [Theory]
    [MemberData(nameof(Collectors))]
    public void A_collector_survives_any_file(string collector) => Fuzzer.Fuzz(new CollectorTarget(collector));

    [Fact]
    public void The_facts_of_a_host_survive_any_file() => Fuzzer.Fuzz(new FactsTarget());

    [Fact]
    public void The_process_table_survives_any_process() => Fuzzer.Fuzz(new ProcessTarget());

    [Fact]
    public void The_cgroup_table_survives_any_cgroup() => Fuzzer.Fuzz(new CgroupTarget());
}

/// <summary>What operators and viewers write.</summary>
public sealed class TextFuzzTests
{
    [Fact]
    public void The_gateway_survives_any_message() => Fuzzer.Fuzz(new ClientMessageTarget());

    [Fact]
    public void The_start_survives_any_configuration_file() => Fuzzer.Fuzz(new ConfigFileTarget());

    [Fact]
    public void The_server_survives_any_users_file() => Fuzzer.Fuzz(new UsersFileTarget());

    [Fact]
    public void The_start_survives_any_value_of_a_setting() => Fuzzer.Fuzz(new SettingsTarget());

    [Fact]
    public void The_start_survives_any_command_line() => Fuzzer.Fuzz(new CommandLineTarget());

    [Fact]
    public void The_recorder_survives_any_payload() => Fuzzer.Fuzz(new PayloadTarget());

    [Fact]
    public void The_recorder_survives_any_file_of_its_own() => Fuzzer.Fuzz(new StoreTarget());

    [Fact]
    public void An_exported_file_of_a_stranger_is_read_or_refused() => Fuzzer.Fuzz(new HscopeTarget());
}

/// <summary>What comes from the network. Alone, for its memory is counted for the whole process.</summary>
[Collection(nameof(HttpFuzzTests))]
[CollectionDefinition(nameof(HttpFuzzTests), DisableParallelization = true)]
public sealed class HttpFuzzTests
{
    [Fact]
    public void The_gateway_survives_any_address() => Fuzzer.Fuzz(new QueryTarget());

    [Fact]
    public void The_gateway_survives_any_header() => Fuzzer.Fuzz(new HeadersTarget());

    [Fact]
    public void The_gateway_survives_any_body() => Fuzzer.Fuzz(new BodyTarget());

    [Fact]
    public void The_gateway_survives_any_frame() => Fuzzer.Fuzz(new FramesTarget());
}
