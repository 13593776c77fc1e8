using System.Collections;
using System.Globalization;
using System.Text;
using Hostscope.Collectors;
using Hostscope.Sampling;

namespace Hostscope.Options;

/// <summary>
/// Puts the settings together: command line before environment before file before default, one setting at a time; then
/// understands and checks each. The first that is not allowed refuses the start.
/// </summary>
internal sealed class OptionsLoader
{
    /// <summary>Longest host id: that of a label in DNS.</summary>
    private const int MaxHostIdLength = 63;

    /// <summary>Size of sun_path less its NUL byte, unix(7).</summary>
    private const int MaxSocketPathBytes = 107;

    private readonly Dictionary<Setting, Given> _given;
    private readonly IDictionary _environment;
    private readonly List<string> _warnings = [];
    private bool _hasUsualFiles;

    /// <summary>Finds what was given, in all places.</summary>
    /// <param name="commandLine">What the command line says.</param>
    /// <param name="environment">Environment variables; those that begin with HOSTSCOPE_ are looked at.</param>
    public OptionsLoader(Dictionary<Setting, Given> commandLine, IDictionary environment)
    {
        _given = commandLine;
        _environment = environment;
        AddMissing(FromEnvironment(environment));
    }

    /// <summary>Everything, for who serves this machine.</summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public HostscopeOptions Load()
    {
        _hasUsualFiles = true;
        return LoadAll();
    }

    /// <summary>
    /// Everything, for who serves something else beside the service: the files in the usual places are the service's,
    /// with its address, its users and its log, and count only when they are named.
    /// </summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public HostscopeOptions LoadBesideService() => LoadAll();

    /// <summary>
    /// Where the server with these settings serves, for who asks it something. Values are checked, but no file that
    /// they name is looked at: users and secrets are the server's to read, not everybody's who may ask.
    /// </summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public IReadOnlyList<ListenAddress> Listen()
    {
        _hasUsualFiles = true;
        AddFile();
        var listen = Addresses();
        new AccessLoader(_given, _environment).CheckValues();
        LimitSettings.Read(_given);
        WholeNumber(Settings.MaxViewers, 100_000);
        WholeNumber(Settings.MetricsTopN, 1_000);
        HostId();
        new RecordingSettings(_given, _environment).CheckValues(Interval());
        Flag(Settings.NoAuth);
        Flag(Settings.NoRecord);
        return listen;
    }

    /// <summary>Where users and tokens are, for the commands that change them.</summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public string UsersFile()
    {
        _hasUsualFiles = true;
        AddFile();
        return new AccessLoader(_given, _environment).UsersFile();
    }

    private HostscopeOptions LoadAll()
    {
        AddFile();
        var access = new AccessLoader(_given, _environment).Load(Flag(Settings.NoAuth));
        var tls = Tls();
        var listen = Addresses();
        if (_given.TryGetValue(Settings.Listen, out var given))
        {
            Exposure.Check(given.Where, listen, access, hasCertificate: tls is not null);
        }

        _warnings.AddRange(Exposure.Warnings(listen, access));
        var recording = new RecordingSettings(_given, _environment);
        return new HostscopeOptions
        {
            Listen = listen,
            Access = access,
            Tls = tls,
            Limits = LimitSettings.Read(_given),
            AllowedHosts = _given.GetValueOrDefault(Settings.AllowedHosts)?.Values ?? [],
            MaxViewers = WholeNumber(Settings.MaxViewers, 100_000),
            MetricsTopN = WholeNumber(Settings.MetricsTopN, 1_000),
            Sampling = new SamplingOptions { Interval = Interval() },
            Roots = Roots(),
            HostId = HostId(),
            DataDir = recording.Directory,
            IsDataDirGiven = recording.IsDirectoryGiven,
            Recording = recording.Options(Flag(Settings.NoRecord), Interval(), Roots()),
            ContainerEngine = ContainerEngine(),
            LogConfig = FindFile(Settings.LogConfig, "NLog.config"),
            Warnings = _warnings,
        };
    }

    private void AddFile()
    {
        if (FindFile(Settings.Config, "hostscope.json") is { } file)
        {
            AddMissing(ConfigFile.Read(file));
        }
    }

    private void AddMissing(Dictionary<Setting, Given> layer)
    {
        foreach (var (setting, given) in layer)
        {
            _given.TryAdd(setting, given);
        }
    }

    private Dictionary<Setting, Given> FromEnvironment(IDictionary environment)
    {
        var given = new Dictionary<Setting, Given>();
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Settings.VariablePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var value = (string?)entry.Value ?? "";
            var setting = Settings.All.FirstOrDefault(setting => setting.Variable == name);
            if (setting is null)
            {
                // Not refused: Kubernetes sets HOSTSCOPE_PORT and more in every pod beside a service of our name.
                _warnings.Add($"The environment variable {name} is not a setting and has no effect" +
                    $"{Settings.DidYouMean(name, Settings.All.Select(known => known.Variable))}");
                continue;
            }

            string[] values = setting.Shape == SettingShape.Many
                ? value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
                : [value];
            given.Add(setting, new Given(values.Length > 0 ? values : [value], name, ExitCode.Configuration));
        }

        return given;
    }

    private IReadOnlyList<ListenAddress> Addresses() => !_given.TryGetValue(Settings.Listen, out var given)
        ? [ListenAddress.Default]
        :
        [
            .. given.Values.Select(value =>
                ListenAddress.Parse(value) ?? throw given.Refuse(value, ListenAddress.Allowed)).Distinct(),
        ];

    private (string Certificate, string Key)? Tls()
    {
        const string AllowedFile = "give the path of a PEM file";
        var certificate = _given.GetValueOrDefault(Settings.TlsCert);
        var key = _given.GetValueOrDefault(Settings.TlsKey);
        if (certificate is null && key is null)
        {
            return null;
        }

        return certificate is not null && key is not null
            ? (certificate.FullPath(AllowedFile), key.FullPath(AllowedFile))
            : throw new StartRefusedException(ExitCode.Configuration,
                $"{(certificate ?? key)!.Where}: needs " +
                $"{(certificate is null ? Settings.TlsCert : Settings.TlsKey).Option}, too");
    }

    private bool Flag(Setting setting)
    {
        if (!_given.TryGetValue(setting, out var given))
        {
            return false;
        }

        return given.Value.ToLowerInvariant() switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => throw given.Refuse(given.Value, "give true or false"),
        };
    }

    /// <summary>A whole number from 1 on; <c>null</c> when it is not given.</summary>
    private int? WholeNumber(Setting setting, int most)
    {
        if (!_given.TryGetValue(setting, out var given))
        {
            return null;
        }

        return int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= most
            ? number
            : throw given.Refuse(given.Value, $"give a whole number, 1 to {most}");
    }

    private TimeSpan Interval()
    {
        if (!_given.TryGetValue(Settings.Interval, out var given))
        {
            return new SamplingOptions().Interval;
        }

        var (number, secondsEach) = given.Value switch
        {
            [.. var text, 'm', 's'] => (text, 0.001),
            [.. var text, 's'] => (text, 1.0),
            _ => (given.Value, 1.0),
        };
        const string Allowed = "give 0.1 to 60 seconds in whole milliseconds, such as 0.5, 1s or 500ms";
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            || count * secondsEach < SamplingOptions.MinInterval.TotalSeconds
            || count * secondsEach > SamplingOptions.MaxInterval.TotalSeconds)
        {
            throw given.Refuse(given.Value, Allowed);
        }

        var milliseconds = count * secondsEach * 1000;
        return Math.Abs(milliseconds - Math.Round(milliseconds)) < 1e-6
            ? TimeSpan.FromMilliseconds((long)Math.Round(milliseconds))
            : throw given.Refuse(given.Value, Allowed);
    }

    private HostRoots Roots()
    {
        var root = Directory(Settings.Root) ?? "/";
        var prefix = root == "/" ? "" : root;
        return new HostRoots(
            Directory(Settings.ProcRoot) ?? Existing($"{prefix}/proc"),
            Directory(Settings.SysRoot) ?? $"{prefix}/sys",
            $"{prefix}/etc",
            root);
    }

    /// <summary>Without /proc there is nothing to show at all; a missing /sys costs a few values.</summary>
    private static string Existing(string directory) => System.IO.Directory.Exists(directory)
        ? directory
        : throw new StartRefusedException(ExitCode.Configuration,
            $"{directory}: no such directory; say with {Settings.ProcRoot.Option} where the host's /proc is");

    private string? Directory(Setting setting)
    {
        if (!_given.TryGetValue(setting, out var given))
        {
            return null;
        }

        return System.IO.Directory.Exists(given.Value)
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(given.Value))
            : throw given.Refuse(given.Value, "give an existing directory");
    }

    private string? HostId()
    {
        if (!_given.TryGetValue(Settings.HostId, out var given))
        {
            return null;
        }

        var id = given.Value;
        var wellFormed = id.Length is > 0 and <= MaxHostIdLength && char.IsAsciiLetterOrDigit(id[0])
            && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');
        return wellFormed && id != "local"
            ? id
            : throw given.Refuse(id, $"give 1 to {MaxHostIdLength} of a-z, 0-9, '.', '-' and '_', beginning with a " +
                "letter or digit; 'local' always means the machine that answers");
    }

    /// <summary>Need not be there: the engine may be started later, and it is asked again and again.</summary>
    private string? ContainerEngine()
    {
        if (!_given.TryGetValue(Settings.ContainerEngine, out var given))
        {
            return null;
        }

        var path = given.Value;
        if (!path.StartsWith('/') || !Given.IsPath(path) || Encoding.UTF8.GetByteCount(path) > MaxSocketPathBytes
            || System.IO.Directory.Exists(path))
        {
            throw given.Refuse(path, "give the absolute path of a socket, such as /run/docker.sock or " +
                $"/run/podman/podman.sock; the system allows {MaxSocketPathBytes} bytes");
        }

        if (!File.Exists(path))
        {
            _warnings.Add($"{given.Where}: {path} does not exist; containers are shown by their ids until it does");
        }

        return path;
    }

    /// <summary>A file that was given, which must be there; or the first that exists of the usual places.</summary>
    private string? FindFile(Setting setting, string name)
    {
        if (!_given.TryGetValue(setting, out var given))
        {
            return !_hasUsualFiles ? null
                : new[] { "/etc/hostscope/" + name, Path.Combine(AppContext.BaseDirectory, name) }
                    .FirstOrDefault(File.Exists);
        }

        return File.Exists(given.Value)
            ? Path.GetFullPath(given.Value)
            : throw given.Refuse(given.Value, "there is no such file");
    }
}
