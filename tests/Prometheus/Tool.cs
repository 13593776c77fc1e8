using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// A program of Debian that runs beside a test and ends with it. A machine without it fails the test with the name of
/// its package: a comparison that was not made must not count as passed.
/// </summary>
internal sealed class Tool : IDisposable, IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private Tool(Process process) => _process = process;

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a program that goes on, and waits until it answers at an address.</summary>
    public static async Task<Tool> ServeAsync(
        string program, string package, string readyUrl, params string[] arguments)
    {
        var tool = Start(program, package, input: null, arguments);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(tool._process.HasExited, $"{program} has ended: {tool.Output}");
                try
                {
                    using var answer = await http.GetAsync(readyUrl);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false; // It does not listen yet.
                }
            },
            $"{program} answers at {readyUrl}");
        return tool;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, string package, string? input, params string[] arguments)
    {
        using var tool = Start(program, package, input, arguments);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await tool._process.WaitForExitAsync(deadline.Token);
        return (tool._process.ExitCode, tool.Output);
    }

    /// <summary>A port of 127.0.0.1 that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static Tool Start(string program, string package, string? input, string[] arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin")
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.True(path is not null, $"{program} is not here; it comes with {package}.");
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(path!, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            },
        };
        var tool = new Tool(process);
        process.OutputDataReceived += (_, line) => tool.Take(line.Data);
        process.ErrorDataReceived += (_, line) => tool.Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return tool;
    }

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
