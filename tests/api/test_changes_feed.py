def test_x(live, client, item):
    r = client.get("/ogc/collections/service-points/items?limit=100", headers=live.auth())
    print(r.json()["numberMatched"], r.json()["numberReturned"]); print(item.text)
    print(client.get("/ogc/collections/service-points/items").json()["numberMatched"])
