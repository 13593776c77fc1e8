using System.Globalization;
using Hostscope.Collectors;
using Hostscope.Model;
using Hostscope.RecordHost;

// Records the machine it runs on as a fixture: what the collectors read, at two instants, without what is private.
if (args is not [var folder, .. var rest] || folder.StartsWith('-') || rest.Length > 1)
{
    Console.Error.WriteLine("Usage: record-host FOLDER [SECONDS]");
    Console.Error.WriteLine("Writes what the collectors read to FOLDER/t0 and /t1, SECONDS (1 to 60, else 1) apart.");
    return 2;
}

if (!double.TryParse(rest is [var text] ? text : "1", CultureInfo.InvariantCulture, out var seconds)
    || seconds is not (>= 1 and <= 60))
{
    Console.Error.WriteLine($"SECONDS is a number from 1 to 60, not '{rest[0]}'.");
    return 2;
}

var roots = new HostRoots();
var files = new RecordingFiles();
var builder = new FrameBuilder();
using var context = new CollectorContext(roots, builder, TimeProvider.System, files);
var collectors = Registry.Create(context);
var name = HostFacts.Read(roots, files).Name;
var recorder = new Recorder(files, new Scrubber(name), folder);

// The slow collectors leave their values behind for the next tick: two ticks ask everything once.
for (var tick = 0; tick < 2; tick++)
{
    Collect();
    Thread.Sleep(500);
}

recorder.Record("t0");
Thread.Sleep(TimeSpan.FromSeconds(seconds));
Collect();
recorder.Record("t1");
recorder.WriteInstants();
Console.WriteLine($"{recorder.FileCount} files in {folder}. Read them before you publish them.");
return 0;

void Collect()
{
    builder.Begin();
    foreach (var collector in collectors)
    {
        var result = collector.Collect();
        if (result.Status == CollectStatus.Failed)
        {
            Console.Error.WriteLine($"{collector.Name}: {result.Reason}");
        }
    }
}
