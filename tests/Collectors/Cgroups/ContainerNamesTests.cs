using System.Net.Sockets;
using System.Text;
using CsCheck;
using Hostscope.Collectors.Cgroups;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: containers get the names of their engine, which is asked seldom, is not trusted and never waited for. Method:
/// a fake engine at a real socket, fake groups and a driven clock.
/// </summary>
public sealed class ContainerNamesTests
{
    private static readonly string Web = new('a', 64);
    private static readonly string Database = new('b', 64);
    private static readonly string WebPath = $"/system.slice/docker-{Web}.scope";

    [Fact]
    public void Containers_get_their_names_and_other_groups_keep_theirs()
    {
        using var engine = new FakeEngine { Answer = FakeEngine.Http("200 OK", List((Web, "/other/db", "/web-1"))) };
        using var host = Machine(engine);
        host.AddUnified($"{WebPath}/init.scope", 1);
        Settle(host);
        Assert.Equal("aaaaaaaaaaaa", host.Row(WebPath).Info.Name);

        Settle(host);
        Assert.Equal("web-1", host.Row(WebPath).Info.Name);
        Assert.Equal("init.scope", host.Row($"{WebPath}/init.scope").Info.Name);
        Assert.Equal(CollectResult.Ok, host.Collector.Containers!.Collect());
        Assert.StartsWith("GET /containers/json?all=0 HTTP/1.0\r\n", engine.Question, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_is_asked_for_new_containers_only_and_at_most_every_ten_seconds()
    {
        using var engine = new FakeEngine { Answer = FakeEngine.Http("200 OK", List((Web, "/web"))) };
        using var host = Machine(engine);
        Settle(host, ticks: 60);
        Assert.Equal(1, engine.Questions);

        // Made before the engine lists it, as engines do.
        host.AddUnified($"/docker/{Database}", 1);
        Settle(host, ticks: 5);
        Assert.Equal(2, engine.Questions);
        engine.Answer = FakeEngine.Http("200 OK", List((Web, "/web"), (Database, "/db")));
        Settle(host, ticks: 12);
        Assert.Equal("db", host.Row($"/docker/{Database}").Info.Name);
        Assert.Equal(3, engine.Questions);
        Settle(host, ticks: 60);
        Assert.Equal(3, engine.Questions);
    }

    [Fact]
    public void A_container_that_the_engine_never_lists_is_given_up()
    {
        using var engine = new FakeEngine { Answer = FakeEngine.Http("200 OK", "[]") };
        using var host = Machine(engine);
        Settle(host, ticks: 120);
        Assert.Equal(ContainerNames.MaxAnswersPerContainer, engine.Questions);
        Assert.Equal("aaaaaaaaaaaa", host.Row(WebPath).Info.Name);
    }

    [Fact]
    public void While_the_engine_does_not_answer_ticks_go_on_and_after_two_seconds_it_is_told()
    {
        using var engine = new FakeEngine();
        using var host = Machine(engine);
        host.Tick();
        FakeHost.WaitFor(() => engine.Questions == 1, "The engine was not asked.");
        Assert.False(Containers(host).IsIdle);
        host.Tick();
        Assert.Equal("aaaaaaaaaaaa", host.Row(WebPath).Info.Name);
        Assert.Equal(CollectResult.Ok, Containers(host).Collect());

        Settle(host, ticks: 3);
        var result = Containers(host).Collect();
        Assert.Equal(CollectStatus.Failed, result.Status);
        Assert.Equal($"{engine.Path} did not answer within 2 s.", result.Reason);

        engine.Answer = FakeEngine.Http("200 OK", List((Web, "/web")));
        Settle(host, ticks: 12);
        Assert.Equal("web", host.Row(WebPath).Info.Name);
        Assert.Equal(CollectResult.Ok, Containers(host).Collect());
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\n\r\n{}", "with the status 500.")]
    [InlineData("HTTP/1.1 \u001b[2J\r\n\r\n[]", "with the status ???.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", "does not answer as a container engine does.")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n\r\n", "does not answer as a container engine does.")]
    [InlineData("", "does not answer as a container engine does.")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n<html>", "with a list of containers.")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n{\"message\":\"no\"}", "with a list of containers.")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n[{\"Id\":1}]", "with a list of containers.")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nnull", "with a list of containers.")]
    public void What_is_no_list_of_containers_is_told_and_changes_no_name(string answer, string reason)
    {
        using var engine = new FakeEngine { Answer = Encoding.UTF8.GetBytes(answer) };
        using var host = Machine(engine);
        Settle(host, ticks: 2);
        var result = Containers(host).Collect();
        Assert.Equal(CollectStatus.Failed, result.Status);
        Assert.StartsWith(engine.Path, result.Reason, StringComparison.Ordinal);
        Assert.EndsWith(reason, result.Reason, StringComparison.Ordinal);
        Assert.NotNull(result.Remedy);
        Assert.Equal("aaaaaaaaaaaa", host.Row(WebPath).Info.Name);
    }

    [Fact]
    public void An_answer_without_an_end_is_cut_off()
    {
        using var engine = new FakeEngine { Answer = FakeEngine.Http("200 OK", new string(' ', 60_000)) };
        engine.IsEndless = true;
        using var host = Machine(engine);
        Settle(host, ticks: 2);
        Assert.Equal(
            $"{engine.Path} answers with more than 1 MiB, which no engine does.", Containers(host).Collect().Reason);
    }

    [Fact]
    public void Where_nobody_listens_it_is_told_before_there_is_a_container_and_until_somebody_does()
    {
        using var engine = new FakeEngine(listens: false);
        using var host = new CgroupHost(CgroupHost.UnifiedMounts, engine.Path);
        host.AddUnified("", 1);
        Settle(host, ticks: 2);
        Assert.Equal($"{engine.Path} does not exist.", Containers(host).Collect().Reason);

        File.WriteAllText(engine.Path, "no socket");
        Settle(host, ticks: 12);
        Assert.Equal(
            $"Nobody listens at {engine.Path}: it is no socket, or its engine does not run.",
            Containers(host).Collect().Reason);

        File.Delete(engine.Path);
        engine.Listen();
        Settle(host, ticks: 12);
        Assert.Equal(CollectResult.Ok, Containers(host).Collect());
        Assert.Equal(0, engine.Questions);
    }

    [Fact]
    public void Names_are_bounded_and_hold_nothing_that_is_meant_for_a_terminal()
    {
        Assert.Equal("web\uFFFD\uFFFD2J", Named("/web\\u001b[2J"));
        Assert.Equal("\uFFFDgnp.exe", Named("/\\u202egnp.exe"));
        Assert.Equal(new string('x', ContainerList.MaxNameLength), Named("/" + new string('x', 5000)));
        Assert.Null(Named("/"));
        Assert.Null(Named("/web/db"));
        Assert.True(ContainerList.TryParse("[null,{},{\"Id\":\"../..\",\"Names\":[\"/x\"]}]"u8, out var names));
        Assert.Empty(names);
        Assert.True(ContainerList.TryParse(Encoding.UTF8.GetBytes(List((Web, null))), out names));
        Assert.Empty(names);

        static string? Named(string name)
        {
            Assert.True(ContainerList.TryParse(Encoding.UTF8.GetBytes(List((Web, name))), out var names));
            return names.GetValueOrDefault(Web);
        }
    }

    [Fact]
    public void Bytes_that_are_no_list_name_nothing() => Gen.Byte.Array[0, 200].Sample(
        bytes =>
        {
            var list = Encoding.UTF8.GetBytes(List((Web, "/web")));
            byte[][] answers = [bytes, [.. list[..(bytes.Length % list.Length)], .. bytes]];
            Assert.All(
                answers,
                answer => Assert.True(!ContainerList.TryParse(answer, out var names) || names.Count == 0));
        });

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, "too many files open", "LimitNOFILE")]
    [InlineData(SocketError.AddressFamilyNotSupported, "not allowed here", "AF_UNIX")]
    public async Task A_socket_that_cannot_be_made_is_a_reason(SocketError error, string reason, string remedy)
    {
        var engine = new ContainerEngine(
            "/run/docker.sock", TimeProvider.System, () => throw new SocketException((int)error));
        var (result, names) = await engine.AskAsync(TestContext.Current.CancellationToken);
        Assert.Null(names);
        Assert.Equal(CollectStatus.Failed, result.Status);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        Assert.Contains(remedy, result.Remedy, StringComparison.Ordinal);
    }

    private static ContainerNames Containers(CgroupHost host) => (ContainerNames)host.Collector.Containers!;

    private static string List(params (string Id, string? Name)[] containers) =>
        List([.. containers.Select(container => (container.Id, container.Name, (string?)null))]);

    private static string List(params (string Id, string? Name, string? Other)[] containers) => "[" + string.Join(
        ',',
        containers.Select(container => $$"""
            {"Id":"{{container.Id}}","Image":"nginx","State":"running","Names":[{{Quoted(container.Name)}}
            {{(container.Other is null ? "" : "," + Quoted(container.Other))}}]}
            """)) + "]";

    private static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";

    /// <summary>A machine with one container.</summary>
    private static CgroupHost Machine(FakeEngine engine)
    {
        var host = new CgroupHost(CgroupHost.UnifiedMounts, engine.Path);
        host.AddUnified("", 1);
        host.AddUnified("/system.slice", 1);
        host.AddUnified(WebPath, 1);
        return host;
    }

    /// <summary>Ticks, each followed by what it asked.</summary>
    private static void Settle(CgroupHost host, int ticks = 1)
    {
        for (var i = 0; i < ticks; i++)
        {
            host.Tick();
            FakeHost.WaitFor(() => Containers(host).IsIdle, "The question did not end.");
        }
    }
}
