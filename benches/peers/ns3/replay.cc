// The peer's side of the comparison: replays given packets through an ns-3 queue and transmitter.
//
//   replay BITS_PER_S QUEUE < offers > told
//
// QUEUE is `tail:30000B` or `tail:25p` (a whole point-to-point device with its drop-tail queue),
// `codel` or `fq:PACKETS` (that queue discipline in front of a transmitter that asks ns-3 for the
// time of each packet). Written against ns-3.37.

#include "ns3/core-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

using namespace ns3;

struct Offer { int64_t ns; uint32_t bytes; uint32_t flow; };

static std::vector<Offer> g_offers;
static std::vector<std::tuple<int64_t, std::string, uint64_t>> g_told;
static std::unordered_map<uint64_t, uint64_t> g_tokens;

static void Tell(const char* word, Ptr<const Packet> packet) {
    g_told.emplace_back(Simulator::Now().GetNanoSeconds(), word, g_tokens.at(packet->GetUid()));
}

static Ptr<Packet> Make(uint64_t token, uint32_t bytes) {
    Ptr<Packet> packet = Create<Packet>(bytes);
    g_tokens[packet->GetUid()] = token;
    return packet;
}

static void Left(Ptr<const Packet> packet) { Tell("left", packet); }
static void Lost(Ptr<const Packet> packet) { Tell("dropped", packet); }

// The device writes a header of two bytes in front of what it is given.
static const uint32_t PPP_BYTES = 2;

static void SendByDevice(Ptr<PointToPointNetDevice> device, uint64_t token) {
    const Offer& offer = g_offers[token];
    device->Send(Make(token, offer.bytes - PPP_BYTES), device->GetBroadcast(), 0x0800);
}

static void ReplayDevice(DataRate rate, const std::string& limit) {
    NodeContainer nodes;
    nodes.Create(2);
    PointToPointHelper helper;
    helper.SetDeviceAttribute("DataRate", DataRateValue(rate));
    helper.SetChannelAttribute("Delay", StringValue("1ms"));
    helper.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", StringValue(limit));
    NetDeviceContainer devices = helper.Install(nodes);
    auto device = DynamicCast<PointToPointNetDevice>(devices.Get(0));
    device->TraceConnectWithoutContext("PhyTxEnd", MakeCallback(&Left));
    device->TraceConnectWithoutContext("MacTxDrop", MakeCallback(&Lost));
    for (uint64_t token = 0; token < g_offers.size(); token++) {
        Simulator::Schedule(NanoSeconds(g_offers[token].ns), &SendByDevice, device, token);
    }
    Simulator::Run();
}

class Item : public QueueDiscItem {
  public:
    Item(Ptr<Packet> packet, uint32_t flow)
        : QueueDiscItem(packet, Address(), 0), m_flow(flow) {}
    void AddHeader() override {}
    bool Mark() override { return false; }
    uint32_t Hash(uint32_t) const override { return m_flow; }

  private:
    uint32_t m_flow;
};

class Sender {
  public:
    Sender(Ptr<QueueDisc> queue, DataRate rate) : m_queue(queue), m_rate(rate) {}
    void Offer(uint64_t token) {
        m_queue->Enqueue(Create<Item>(Make(token, g_offers[token].bytes), g_offers[token].flow));
        if (!m_busy) Next();
    }

  private:
    void Next() {
        Ptr<QueueDiscItem> item = m_queue->Dequeue();
        m_busy = item != nullptr;
        if (m_busy) {
            Time time = m_rate.CalculateBytesTxTime(item->GetPacket()->GetSize());
            Simulator::Schedule(time, &Sender::End, this, item->GetPacket());
        }
    }
    void End(Ptr<Packet> packet) {
        Tell("left", packet);
        Next();
    }
    Ptr<QueueDisc> m_queue;
    DataRate m_rate;
    bool m_busy = false;
};

static void Dropped(Ptr<const QueueDiscItem> item) { Tell("dropped", item->GetPacket()); }

static void ReplayDiscipline(DataRate rate, Ptr<QueueDisc> queue) {
    queue->Initialize();
    queue->TraceConnectWithoutContext("Drop", MakeCallback(&Dropped));
    Sender sender(queue, rate);
    for (uint64_t token = 0; token < g_offers.size(); token++) {
        Simulator::Schedule(NanoSeconds(g_offers[token].ns), &Sender::Offer, &sender, token);
    }
    Simulator::Run();
}

int main(int argc, char* argv[]) {
    if (argc < 3) {
        std::cerr << "replay BITS_PER_S QUEUE < offers\n";
        return 2;
    }
    DataRate rate(std::stoull(argv[1]));
    std::string queue = argv[2];
    for (Offer offer; std::cin >> offer.ns >> offer.bytes >> offer.flow;) g_offers.push_back(offer);
    g_told.reserve(g_offers.size() * 2);
    auto began = std::chrono::steady_clock::now();
    if (queue.rfind("tail:", 0) == 0) {
        ReplayDevice(rate, queue.substr(5));
    } else if (queue == "codel") {
        ReplayDiscipline(rate, CreateObject<CoDelQueueDisc>());
    } else if (queue.rfind("fq:", 0) == 0) {
        auto fair = CreateObject<FqCoDelQueueDisc>();
        fair->SetAttribute("MaxSize", StringValue(queue.substr(3) + "p"));
        fair->SetQuantum(1500);
        ReplayDiscipline(rate, fair);
    } else {
        std::cerr << "no such queue\n";
        return 2;
    }
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::sort(g_told.begin(), g_told.end());
    for (const auto& [ns, word, token] : g_told) {
        std::printf("%lld %s %llu\n", static_cast<long long>(ns), word.c_str(),
                    static_cast<unsigned long long>(token));
    }
    std::fprintf(stderr, "%.0f packets a second\n", g_offers.size() / took.count());
    Simulator::Destroy();
    return 0;
}
