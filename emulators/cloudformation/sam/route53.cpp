#include "cloudformation/sam/route53.h"

namespace skafu::cloudformation::sam {
namespace {

Json record_sets(const Json& route, const Json& name, const Json& target) {
    Json alias = Json::object();
    copy_members(route, alias, {"EvaluateTargetHealth"});
    for (const auto& [key, value] : target.items()) alias[key] = value;
    Json record = {{"Name", name}, {"Type", "A"}, {"AliasTarget", std::move(alias)}};
    copy_members(route, record, {"Region", "SetIdentifier"});
    Json list = Json::array({record});
    if (route.contains("IpV6") && route["IpV6"] == true) {
        record["Type"] = "AAAA";
        list.push_back(std::move(record));
    }
    return list;
}

Json empty_group(const Source& source, const Json& route) {
    Json properties = {{"RecordSets", Json::array()}};
    copy_members(route, properties, {"HostedZoneId"});
    if (!properties.contains("HostedZoneId")) copy_members(route, properties, {"HostedZoneName"});
    return make_resource("AWS::Route53::RecordSetGroup", std::move(properties),
                         source.attributes());
}

}  // namespace

void add_records(Context& context, const Source& source, const Json& domain, const Json& target) {
    const Json* route = given(domain, "Route53");
    if (route == nullptr) return;
    expect_map(source.id, *route, "Domain.Route53");
    const Json* zone = given(*route, "HostedZoneId");
    const Json* zone_name = given(*route, "HostedZoneName");
    if (zone == nullptr && zone_name == nullptr) {
        throw SamProblem::resource(source.id,
                                   "HostedZoneId or HostedZoneName is required to enable Route53 "
                                   "support on Custom Domains.");
    }
    const Json& by = is_truthy(zone) || zone_name == nullptr ? *zone : *zone_name;
    const Json& name = domain["DomainName"];
    std::string id = "RecordSetGroup" + id_digest(by);
    const Json* separate = given(*route, "SeparateRecordSetGroup");
    if (is_truthy(separate)) {
        expect_bool(source.id, *separate, "Domain.Route53.SeparateRecordSetGroup");
        id = "RecordSetGroup" + id_digest(Json::array({by, name}));
    }
    if (context.generated(id) == nullptr) context.add_shared(id, empty_group(source, *route));
    Json& records = (*context.generated(id))["Properties"]["RecordSets"];
    for (const Json& record : record_sets(*route, name, target)) records.push_back(record);
}

}  // namespace skafu::cloudformation::sam
