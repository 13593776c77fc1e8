namespace Hostscope.Recorder.Bench;

/// <summary>
/// Measures the recorder on what a real machine does.
/// <code>
/// record SECONDS FILE     records this machine at one tick a second, with every collector, into a portable file
/// size FILE               bytes by kind, CPU of a tick, time of a fold
/// day FILE DIRECTORY      a day of the recording, repeated, into a store; then the latency of every kind of question
/// open DIRECTORY          opens a store with thirty days of files, as after a kill
/// live SECONDS DIRECTORY  records this machine and nothing else, for those who watch the disk and the process
/// </code>
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["record", var seconds, var file] when int.TryParse(seconds, out var count):
                await RealHost.RecordAsync(count, file);
                return 0;
            case ["size", var file]:
                Sizes.Measure(Recording.Load(file));
                return 0;
            case ["day", var file, var directory]:
                await Days.MeasureAsync(Recording.Load(file), directory);
                return 0;
            case ["open", var directory]:
                Days.MeasureOpening(directory);
                return 0;
            case ["live", var seconds, var directory] when int.TryParse(seconds, out var count):
                await RealHost.RunAsync(count, directory);
                return 0;
            default:
                Console.Error.WriteLine("usage: record SECONDS FILE | size FILE | day FILE DIRECTORY | open DIRECTORY"
                    + " | live SECONDS DIRECTORY");
                return 2;
        }
    }
}
