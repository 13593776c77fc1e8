using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;
using Moment = Hostscope.Bus.Moment;

namespace Hostscope.Gateway.Past;

/// <summary>What whoever asks may see of the past besides values; the same as of the present.</summary>
/// <param name="Processes">The tables of processes and cgroups.</param>
/// <param name="Details">Arguments and users of processes.</param>
internal readonly record struct Sight(bool Processes, bool Details)
{
    /// <summary>What a request may see.</summary>
    public static Sight Of(HttpContext http) => new(http.May(Need.Processes), http.May(Need.ProcessDetails));

    /// <summary>Leaves out of a moment what may not be seen.</summary>
    public Moment Through(Moment moment) => Processes ? moment
        : moment with { Processes = null, PreviousProcesses = null, Cgroups = null, PreviousCgroups = null };

    /// <summary>Leaves out of a process what may not be seen.</summary>
    public ProcessInfo Through(ProcessInfo info) =>
        Details ? info : info with { Arguments = null, User = null, UserId = -1 };

    /// <summary>Whether an event may be seen.</summary>
    public bool Sees(HistoryEvent item) =>
        Processes || item.Kind is not (HistoryEventKind.ProcessStarted or HistoryEventKind.ProcessExited);
}
