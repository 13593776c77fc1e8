using Hostscope.Bus;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Reads events, from the files of minutes and from those that have not reached one yet.</summary>
internal static class EventReader
{
    public static EventPage Read(IPast past, EventQuery query)
    {
        var view = past.View;
        var events = new List<HistoryEvent>();
        foreach (var file in view.Files[(int)Tier.Minute])
        {
            events.AddRange(past.Readers?.Events(file, query) ?? []);
        }

        events.AddRange(view.Events.Where(item => SegmentReader.Matches(item, query)));

        // An event may be in two files when a crash came between writing it to the second and taking it from the first.
        var page = events.DistinctBy(item => item.Id).OrderBy(item => item.Id).Take(query.Limit + 1).ToList();
        return page.Count > query.Limit
            ? new EventPage(page[..query.Limit], page[query.Limit - 1].Id) : new EventPage(page, null);
    }
}
